import ChatBackend
import HTTPClient
import Logging
import Synchronization
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Rocket.Chat errors")
struct ErrorMappingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var answer: ScriptedHTTPAnswer
        var error: ChatBackendError
        var testDescription: String { name }
        init(_ name: String, _ answer: ScriptedHTTPAnswer, _ error: ChatBackendError) {
            self.name = name
            self.answer = answer
            self.error = error
        }
    }

    static let cases: [Case] = [
        Case(
            "400 with a code", Answer.error("Not allowed [error-not-allowed]", "error-not-allowed"),
            .refused(code: "error-not-allowed")),
        Case("400 with the code in brackets only", Answer.error("[invalid-channel]", "invalid-channel"), .notFound),
        Case(
            "400 without errorType", Answer.error("Not allowed [error-not-allowed]"),
            .refused(code: "error-not-allowed")),
        Case("400 with a plain word", Answer.error("room_is_blocked"), .refused(code: "room_is_blocked")),
        Case("400 with a sentence that may name somebody", Answer.error("cust-42 is muted"), .refused(code: "error")),
        Case("400 unknown room", Answer.roomNotFound, .notFound),
        Case("400 invalid room", Answer.error("Invalid room [error-invalid-room]", "error-invalid-room"), .notFound),
        Case("400 unknown user", Answer.userNotFound, .notFound),
        Case(
            "400 action not allowed",
            Answer.error("Adding user is not allowed [error-action-not-allowed]", "error-action-not-allowed"),
            .refused(code: "error-action-not-allowed")),
        Case(
            "400 rooms.info without access", Answer.error("not-allowed", "Not Allowed"), .refused(code: "not-allowed")),
        Case(
            "400 two factors", Answer.error("TOTP Required [totp-required]", "totp-required"),
            .refused(code: "totp-required")),
        Case(
            "400 duplicate name",
            Answer.error(
                "A channel with name 'x' exists [error-duplicate-channel-name]", "error-duplicate-channel-name"),
            .alreadyExists),
        Case("403 of 7 and 8, unauthorized", Answer.error("unauthorized", status: 403), .refused(code: "unauthorized")),
        Case(
            "403 of 7 and 8, permission list",
            Answer.error(
                "User does not have the permissions required for this action [error-unauthorized]", status: 403),
            .refused(code: "error-unauthorized")),
        Case(
            "403 of 9", Answer.error("Not allowed", "error-forbidden", status: 403), .refused(code: "error-forbidden")),
        Case("403 without JSON", .reply([0x3C], type: "text/html", status: 403), .refused(code: "forbidden")),
        Case("404", Answer.error("Resource not found", status: 404), .contract("me: no such route")),
        Case("429 as worded", Answer.limited, .rateLimited(retryAfter: 42)),
        Case(
            "429 with the reset time", .json("{}", status: 429, headers: [("X-RateLimit-Reset", "1748965007001")]),
            .rateLimited(retryAfter: 8)),
        Case(
            "429 with a reset time that has passed",
            .json("{}", status: 429, headers: [("X-RateLimit-Reset", "1748964999000")]), .rateLimited(retryAfter: 1)),
        Case(
            "429 of a proxy", .reply([], type: "text/html", status: 429, headers: [("Retry-After", "7")]),
            .rateLimited(retryAfter: 7)),
        Case("429 without a time", .json("{}", status: 429), .rateLimited(retryAfter: nil)),
        Case("500", Answer.error("Internal server error", status: 500), .unavailable("status 500")),
        Case("502 of a proxy", Answer.gateway, .unavailable("status 502")),
        Case("503", .reply([], type: "text/plain", status: 503), .unavailable("status 503")),
        Case(
            "a redirect", .json("{}", status: 302, headers: [("Location", "http://127.0.0.1:1/")]),
            .contract("me: status 302")),
        Case(
            "200 with a web page", .reply(Array("<html></html>".utf8), type: "text/html"),
            .contract("me: status 200 without JSON")),
        Case("200 with broken JSON", .json(#"{"success":true,"_id":"#), .contract("me: status 200 without JSON")),
        Case("200 with a list", .json("[]"), .contract("me: status 200 without JSON")),
        Case("200 without keys", .json("{}"), .contract("me: no _id")),
        Case("200 with the wrong type", .json(#"{"_id":7}"#), .contract("me: no _id")),
        Case("200 that says no", Answer.error("error-weird", status: 200), .refused(code: "error-weird")),
        Case(
            "400 with a web page", .reply([0x3C], type: "text/html", status: 400),
            .contract("me: status 400 without JSON")),
        Case(
            "a reply above the limit", .json(#"{"_id":"\#(String(repeating: "x", count: 1_100_000))"}"#),
            .contract("reply too large")),
        Case("no HTTP", .raw("SSH-2.0-OpenSSH_9.2\r\n", ending: .close), .contract("no HTTP")),
        Case(
            "a broken answer", .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", ending: .close),
            .unavailable("connection lost")),
        Case("a reset", .reset, .unavailable("connection lost")),
    ]

    @Test("which call failed is told to whoever asks for it, without the server's text")
    func note() async throws {
        let log = NoticeRecorder(threshold: .debug)
        let text = "ann is not invited [error-not-allowed]"
        let chat = try ScriptedRocketChat(
            ["groups.invite": { _, _ in Answer.error(text, "error-not-allowed") }],
            logger: Logger(label: "test") { _ in log })
        await #expect(throws: ChatBackendError.refused(code: "error-not-allowed")) {
            try await chat.backend.addMember("a", toGroup: "r")
        }
        #expect(log.lines == ["debug: a call of the chat server failed groups.invite 400 error-not-allowed"])
    }

    @Test("a reply means the same in every version's words", arguments: cases)
    func reply(of example: Case) async throws {
        let chat = try ScriptedRocketChat(["me": { _, _ in example.answer }])
        let error = await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
        #expect(error == example.error)
    }

    @Test("401 for a personal access token is a refusal, and nobody logs in or out")
    func refusedToken() async throws {
        let chat = try ScriptedRocketChat(["me": { _, _ in Answer.unauthorized }])
        #expect(
            await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
                == .refused(code: "unauthorized"))
        #expect(chat.routes == ["me"])
    }

    @Test("without a connection it is unavailable, and libcurl says why")
    func away() async throws {
        let chat = try ScriptedRocketChat([:]) { $0.url = "http://127.0.0.1:1/secret-path" }
        let error = await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
        guard case .unavailable(let reason, mayHaveRun: false) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix("no connection: Failed to connect to 127.0.0.1 port 1: "))
        #expect(!reason.contains("secret"))
    }

    @Test("what libcurl says is one line of limited length")
    func reasons() {
        let text = "SSL: \r\n\u{0}bad" + String(repeating: "x", count: 1_000)
        let reason = HTTPClientError(code: .connectFailed, message: text).noConnection
        #expect(reason.hasPrefix("no connection: SSL:    badxxx") && reason.count < 330)
        #expect(HTTPClientError(code: .connectFailed, message: "").noConnection == "no connection")
        #expect(
            HTTPClientError(code: .connectFailed, message: "Failed to connect to a port 1 after 1033 ms: b")
                .noConnection
                == "no connection: Failed to connect to a port 1: b")
    }

    @Test("no answer is a time-out")
    func silence() async throws {
        let chat = try ScriptedRocketChat(["me": { _, _ in .silence }]) { $0.healthDeadline = .milliseconds(50) }
        #expect(await failure { () async throws(ChatBackendError) in try await chat.backend.health() } == .timedOut)
    }

    @Test("a read whose connection is lost is sent once more, a call with effects is not")
    func retry() async throws {
        let chat = try ScriptedRocketChat([
            "me": { _, number in number == 0 ? .reset : .json(#"{"_id":"svcId"}"#) }, "groups.kick": { _, _ in .reset },
        ])
        let backend = chat.backend
        #expect(
            await failure { () async throws(ChatBackendError) in try await backend.removeMember("a", fromGroup: "r") }
                == .unavailable("connection lost"))
        #expect(chat.routes == ["groups.kick"])
        try await backend.health()
        #expect(chat.routes == ["groups.kick", "me", "me"])
    }

    @Test("a call that crossed with the end of an idle connection is sent once more, and was not read the first time")
    func tooLate() async throws {
        let late = ScriptedHTTPAnswer.raw(
            "HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ending: .close)
        let chat = try ScriptedRocketChat([
            "me": { _, number in number == 0 ? late : .json(#"{"_id":"svcId"}"#) },
            "groups.kick": { _, number in number == 0 ? late : Answer.success }, "logout": { _, _ in late },
        ])
        try await chat.backend.health()
        try await chat.backend.removeMember("a", fromGroup: "r")
        #expect(chat.routes == ["me", "me", "groups.kick", "groups.kick"])
        #expect(
            await failure { () async throws(ChatBackendError) in try await chat.backend.revokeToken(credential) }
                == .unavailable("status 408", mayHaveRun: false))
        #expect(chat.routes.count == 6)
    }

    @Test("a server that loses every other connection is not asked twice for ever")
    func retryBudget() async throws {
        // One that loses all of them is left alone by the circuit breaker.
        let me = ScriptedHTTPAnswer.json(#"{"_id":"svcId"}"#, headers: [("Connection", "close")])
        let chat = try ScriptedRocketChat(["me": { _, number in number.isMultiple(of: 2) ? .reset : me }])
        var failures = 0
        for _ in 0..<40 {
            let error = await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
            if error != nil { failures += 1 }
        }
        #expect((45...56).contains(chat.routes.count))
        #expect((5..<20).contains(failures))
    }

    @Test("a call is sent twice at most, whoever sends it again")
    func twiceAtMost() async throws {
        let chat = try ScriptedRocketChat([
            "me": { _, number in number == 0 ? .json(#"{"_id":"svcId"}"#) : .reset }
        ])
        try await chat.backend.health()
        // The kept connection turns out to be dead, and so does the new one.
        let error = await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
        #expect(error == .unavailable("connection lost"))
        #expect(chat.routes.count == 3)
    }

    @Test("what is sent again because a kept connection was dead is within the budget, too")
    func staleConnections() async throws {
        // The first request of every connection is answered, the second resets it.
        let seen = Mutex<Set<Int>>([])
        let chat = try ScriptedRocketChat([
            "me": { request, _ in
                seen.withLock { $0.insert(request.connection).inserted } ? .json(#"{"_id":"svcId"}"#) : .reset
            }
        ])
        let calls = 120
        for _ in 0..<calls {
            _ = await failure { () async throws(ChatBackendError) in try await chat.backend.health() }
        }
        #expect(chat.routes.count > calls)
        #expect(chat.routes.count <= calls + calls / 12 + 5)
    }

    @Test("credential and request id go along with every call")
    func headers() async throws {
        let chat = try ScriptedRocketChat(["me": { _, _ in .json(#"{"_id":"svcId"}"#) }])
        try await ChatRequestID.$current.withValue("req-1") { try await chat.backend.health() }
        let request = try #require(chat.server.requests.first)
        #expect(request.headers["x-auth-token"] == "svcToken")
        #expect(request.headers["x-user-id"] == "svcId")
        #expect(request.headers["x-request-id"] == "req-1")
        #expect(request.target == "/api/v1/me")
    }

    @Test("no secret shows in a description")
    func descriptions() {
        let configuration = RocketChatConfiguration(
            url: "http://c", credential: .password(username: "svc", password: "geheim"))
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(RocketChatCredential.personalAccessToken(userID: "u", token: "geheim"), to: &dumped)
        #expect(!"\(configuration)\(dumped)".contains("geheim"))
    }
}
