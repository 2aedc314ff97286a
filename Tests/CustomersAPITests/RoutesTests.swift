import ChatBackend
@testable import Customers
@testable import CustomersAPI
import HTTPMessage
import Testing
import TestSupport

@Suite("Routes")
struct RoutesTests {
    @Test("these are all paths and methods")
    func inventory() async throws {
        let fixture = try await APIFixture()
        #expect(
            fixture.routes.inventory == [
                "/customers/auth_ping": ["GET"], "/customers/connect": ["POST"], "/customers/client_connect": ["POST"],
                "/customers/history_message": ["GET"], "/customers/shutdown_service": ["POST"],
                "/customers/Transfer": ["POST"],
                "/customers/transfer": ["POST"], "/customers/openapi.yaml": ["GET"],
                "/managers/access_token": ["GET", "POST"],
            ])
    }

    @Test("one slash at the end is accepted, and nothing else that is not the path")
    func slash() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        #expect(await fixture.call("GET", "/customers/auth_ping/", token: token).status == 200)
        for path in [
            "/customers/auth_ping//", "/", "//", "", "/customers", "/customers/TRANSFER", "/customers/auth_ping/x",
            "/customers//auth_ping", "/Customers/auth_ping",
        ] {
            let answer = await fixture.call("GET", path, token: token)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.json == ["code": "not_found", "request_id": "req-1", "status": "not found"])
        }
    }

    @Test("another method is 405, with what is allowed")
    func method() async throws {
        let fixture = try await APIFixture()
        for (method, path, allow) in [
            ("POST", "/customers/auth_ping", "GET, HEAD, OPTIONS"), ("GET", "/customers/connect", "POST, OPTIONS"),
            ("HEAD", "/customers/client_connect", "POST, OPTIONS"),
            ("DELETE", "/managers/access_token", "GET, HEAD, POST, OPTIONS"),
            ("PUT", "/customers/Transfer/", "POST, OPTIONS"), ("get", "/customers/auth_ping", "GET, HEAD, OPTIONS"),
            ("", "/customers/connect", "POST, OPTIONS"),
        ] {
            let answer = await fixture.call(method, path)
            #expect(answer.status == 405)
            #expect(answer[.allow] == allow, "\(method) \(path)")
            #expect(answer.json["code"] == "method_not_allowed")
        }
    }

    @Test("what is answered at once is what would be answered otherwise, and never a no")
    func atOnce() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        func request(_ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
            var request = HTTPRequest(
                path: "/customers/auth_ping", headers: ["authorization": token], requestID: "req-1")
            change(&request)
            return request
        }
        #expect(fixture.routes.answerAtOnce(request()) == nil)
        fixture.recent.turnOn()
        #expect(fixture.routes.answerAtOnce(request()) == nil)
        let asked = await fixture.routes.answer(request())
        #expect(asked.status == 200)
        #expect(fixture.routes.answerAtOnce(request()) == asked)
        #expect(fixture.routes.answerAtOnce(request { $0.headers["authorization"] = "Bearer \(token) " }) == asked)
        for change: (inout HTTPRequest) -> Void in [
            { $0.method = "HEAD" }, { $0.method = "POST" }, { $0.path = "/customers/history_message" },
            { $0.headers["authorization"] = nil }, { $0.headers["authorization"] = token + "A" },
            { $0.headers["origin"] = APIFixture.shop }, { $0.headers["origin"] = "https://evil.example.com" },
        ] { #expect(fixture.routes.answerAtOnce(request(change)) == nil) }
        fixture.tenants.replace(with: [])
        #expect(fixture.routes.answerAtOnce(request()) == nil)
    }

    @Test("HEAD is GET")
    func head() async throws {
        let fixture = try await APIFixture()
        #expect(await fixture.call("HEAD", "/customers/auth_ping", token: try await fixture.token()).status == 200)
        #expect(await fixture.call("HEAD", "/customers/auth_ping").status == 401)
    }

    @Test("the API's description is served to everybody")
    func openAPI() async throws {
        let answer = try await APIFixture().call("GET", "/customers/openapi.yaml")
        #expect(answer[.vary] == "Origin")
        #expect(answer.status == 200)
        #expect(answer[.contentType] == "application/yaml")
        #expect(answer.text.hasPrefix("openapi: 3."))
        #expect(answer.headers.count { $0.name == .cacheControl } == 1)
    }

    @Test(
        "errors of the chat server and the store: status, code and when to come back",
        arguments: [
            (ChatBackendError.unavailable("secret"), 503, "chat_server_unavailable"),
            (.rateLimited(retryAfter: 42), 503, "chat_server_busy"),
            (.rateLimited(retryAfter: nil), 503, "chat_server_busy"), (.timedOut, 504, "chat_server_timeout"),
            (.refused(code: "secret"), 502, "chat_server_error"), (.contract("secret"), 502, "chat_server_error"),
            (.notFound, 502, "chat_server_error"), (.cancelled, 503, "abandoned"),
        ])
    func chatErrors(_ error: ChatBackendError, _ status: Int, _ code: String) async throws {
        let fixture = try await APIFixture()
        fixture.chat.fail(.openGroup, error)
        let answer = await fixture.clientConnect("bob")
        #expect(answer.status == status)
        #expect(answer.keys == ["code", "request_id", "status"])
        #expect(answer.json["code"] == .string(code))
        #expect(!answer.text.contains("secret"))
        #expect((answer[.retryAfter] != nil) == (status == 503))
        if case .rateLimited(let seconds?) = error { #expect(answer[.retryAfter] == String(seconds)) }
        if status == 503, let text = answer[.retryAfter], let seconds = Int(text) { #expect(seconds >= 1) }
        #expect(fixture.log.all.contains("req-1"))
    }

    @Test(
        "a store that is away is 503 everywhere, never 401",
        arguments: [
            ("GET", "/customers/auth_ping", "isRevoked"), ("POST", "/customers/connect", "isRevoked"),
            ("GET", "/customers/history_message", "isRevoked"), ("POST", "/customers/shutdown_service", "findRoom"),
        ])
    func storeAway(_ method: String, _ path: String, _ step: String) async throws {
        let fixture = try await APIFixture()
        fixture.stores.fail(step)
        let answer = await fixture.call(method, path, ["group_id": "x", "name": "x"], token: try await fixture.token())
        #expect(answer.status == 503)
        #expect(answer.json["code"] == "store_unavailable")
        #expect(answer.json["status"] == "service unavailable")
        #expect(answer[.retryAfter] != nil)
        fixture.stores.fail("owner")
        #expect(
            await fixture.call("GET", "/customers/history_message", ["room_id": "x"], token: "chat-token").status == 503
        )
    }

    @Test("the caller's own limit is 429 with the time to wait")
    func limit() async throws {
        let fixture = try await APIFixture(perAddress: RateLimit(count: 1, seconds: 60))
        #expect(await fixture.clientConnect("bob").status == 200)
        let answer = await fixture.clientConnect("bob")
        #expect(answer.status == 429)
        #expect(answer.json == ["code": "too_many_requests", "request_id": "req-1", "status": "too many requests"])
        #expect(answer[.retryAfter] == "60")
    }

    @Test(
        "every error of the domain has its answer",
        arguments: [
            (CustomersError.invalid(["a": "b"]), 400, "params invalid"), (.unauthorized, 401, "unauthorized"),
            (.notFound, 404, "not found"),
            (.conflict("why"), 409, "why"), (.tooManyRequests(retryAfter: 7), 429, "too many requests"),
            (.noAgent, 503, "no agent is free"), (.busy, 503, "another call for this customer is at work"),
        ])
    func domainErrors(_ error: CustomersError, _ status: Int, _ text: String) throws {
        let problem = try #require(APIError(error))
        #expect(problem.status == status)
        #expect(problem.text == text)
    }

    @Test("an error that nobody foresaw tells nothing")
    func unforeseen() {
        struct Secret: Error {}
        #expect(APIError(Secret()) == nil)
        #expect(
            APIError.internalError.response(HTTPRequest(requestID: "r")).text
                == #"{"code":"internal_error","request_id":"r","status":"internal error"}"#)
    }

    @Test("nothing that was logged is a secret")
    func logs() async throws {
        let fixture = try await APIFixture()
        let access = try await fixture.token()
        let room = await fixture.clientConnect("bob").json
        let token = try #require(room["token"]?.string)
        let rid = try #require(room["rid"]?.string)
        for operation in [ScriptedChatBackend.Operation.revokeToken, .removeRoom, .history] {
            fixture.chat.fail(operation, .unavailable("x"))
        }
        _ = await fixture.call("GET", "/customers/history_message", ["room_id": rid], token: token)
        _ = await fixture.call("POST", "/customers/shutdown_service", ["group_id": rid], token: token)
        _ = await fixture.call("POST", "/customers/shutdown_service", ["group_id": rid], token: token)
        _ = await fixture.call("GET", "/customers/auth_ping", token: access)
        #expect(!fixture.log.all.isEmpty)
        for secret in [access, token, String(decoding: APIFixture.secret, as: UTF8.self)] {
            #expect(!fixture.log.all.contains(secret))
        }
    }
}
