import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Service session")
struct ServiceSessionTests {
    private static let me: ScriptedRocketChat.Route = { request, _ in
        request.headers["x-auth-token"] == "old" ? Answer.unauthorized : .json(#"{"_id":"svcId"}"#)
    }

    private func health(_ chat: ScriptedRocketChat) async -> ChatBackendError? {
        await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
    }

    @Test("a hundred calls at once make one login")
    func singleFlight() async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, _ in Answer.login("new") }, "me": Self.me], credential: ScriptedRocketChat.password)
        let succeeded = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await self.health(chat) == nil } }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(succeeded == 100)
        let logins = chat.server.requests(for: "login")
        #expect(logins.count == 1)
        #expect(logins.first?.text == #"{"password":"svcPassword","user":"svc"}"#)
        #expect(logins.first?.headers["x-auth-token"] == nil)
    }

    @Test("a token that the server has forgotten is renewed by one login, and all calls are repeated once")
    func renewal() async throws {
        let chat = try ScriptedRocketChat(
            [
                "login": { _, number in Answer.login(number == 0 ? "first" : "second") },
                "me": { request, number in
                    number > 0 && request.headers["x-auth-token"] == "first"
                        ? Answer.unauthorized : .json(#"{"_id":"svcId"}"#)
                },
            ], credential: ScriptedRocketChat.password)
        let first = await health(chat)
        #expect(first == nil)
        let results = await withTaskGroup(of: ChatBackendError?.self) { group in
            for _ in 0..<50 { group.addTask { await self.health(chat) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0 == nil })
        #expect(chat.server.requests(for: "login").count == 2)
        #expect(chat.server.requests(for: "me").count <= 101)
    }

    @Test("fresh tokens that the server does not take do not become a stream of logins")
    func renewalInVain() async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, _ in Answer.login("old") }, "me": Self.me], credential: ScriptedRocketChat.password)
        for _ in 0..<20 {
            let error = await health(chat)
            #expect(error == .refused(code: "unauthorized"))
        }
        #expect(chat.server.requests(for: "login").count == 2)
        chat.turn(seconds: 11)
        #expect(await health(chat) == .refused(code: "unauthorized"))
        #expect(chat.server.requests(for: "login").count == 4)
    }

    @Test(
        "a refused login is remembered for some seconds",
        arguments: [
            #"{"success":false,"status":"error","error":"Unauthorized","message":"Unauthorized"}"#,
            #"{"success":false,"status":"error","error":403,"message":"Incorrect password [403]"}"#,
            #"{"success":false,"error":"unauthorized"}"#, "",
        ])
    func refusedLogin(body: String) async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, _ in .json(body, status: 401) }], credential: ScriptedRocketChat.password)
        for _ in 0..<20 {
            guard case .refused = await health(chat) else {
                Issue.record("not refused")
                return
            }
        }
        #expect(chat.routes == ["login"])
        chat.turn(seconds: 11)
        _ = await health(chat)
        #expect(chat.routes == ["login", "login"])
    }

    @Test("a lockout is left alone for a minute")
    func lockout() async throws {
        let chat = try ScriptedRocketChat(
            [
                "login": { _, _ in
                    .json(#"{"success":false,"error":"error-login-blocked-for-ip","message":"blocked"}"#, status: 401)
                }
            ], credential: ScriptedRocketChat.password)
        #expect(await health(chat) == .refused(code: "error-login-blocked-for-ip"))
        chat.turn(seconds: 50)
        _ = await health(chat)
        #expect(chat.routes == ["login"])
        chat.turn(seconds: 11)
        _ = await health(chat)
        #expect(chat.routes == ["login", "login"])
    }

    @Test("a rate-limited login waits as long as the server says")
    func limitedLogin() async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, number in number == 0 ? Answer.limited : Answer.login("new") }, "me": Self.me],
            credential: ScriptedRocketChat.password)
        #expect(await health(chat) == .rateLimited(retryAfter: 42))
        chat.turn(seconds: 20)
        guard case .rateLimited(let seconds?) = await health(chat) else {
            Issue.record("not limited")
            return
        }
        #expect((1...22).contains(seconds))
        chat.turn(seconds: 23)
        #expect(await health(chat) == nil)
    }

    @Test("a login that found nobody is tried again at once")
    func unreachableLogin() async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, number in number == 0 ? Answer.gateway : Answer.login("new") }, "me": Self.me],
            credential: ScriptedRocketChat.password)
        #expect(await health(chat) == .unavailable("status 502"))
        #expect(await health(chat) == nil)
    }

    @Test("a login without a token breaks the contract")
    func loginWithoutToken() async throws {
        let chat = try ScriptedRocketChat(
            ["login": { _, _ in .json(#"{"status":"success","data":{"userId":"x"}}"#) }],
            credential: ScriptedRocketChat.password)
        #expect(await health(chat) == .contract("login: no authToken"))
    }

    @Test("the caller who started the login may go, the others still get the token")
    func cancelledStarter() async throws {
        let chat = try ScriptedRocketChat(
            [
                "login": { _, _ in .json(#"{"data":{"userId":"svcId","authToken":"new"}}"#, delay: .milliseconds(100))
                }, "me": Self.me,
            ],
            credential: ScriptedRocketChat.password)
        let first = Task { await health(chat) }
        while chat.routes.isEmpty { await Task.yield() }
        let second = Task { await health(chat) }
        first.cancel()
        #expect(await first.value == .cancelled)
        #expect(await second.value == nil)
        #expect(chat.server.requests(for: "login").count == 1)
    }
}
