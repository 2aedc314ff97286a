import Foundation
import TestSupport
import Testing

/// Every error is JSON with status, code and request id, whoever makes it: the daemon or nginx.
@Suite("Error answers", .ownProcesses, .installation())
struct ErrorAnswerTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    @Test(
        "a path that is none is a 404",
        arguments: [
            "/customers/", "/customers", "/customers/nothing", "/customers/auth_ping/x", "/customers/AUTH_PING",
            "/managers/", "/managers/access_tokens", "/", "/index.html", "/customers/../etc/passwd",
            "/customers//auth_ping",
            "/customers/auth_ping%00", "/customers/auth_ping;x", "/_customers_error",
        ])
    func notFound(path: String) async throws {
        let reply = try await bed.client.send(.get(path))
        // nginx itself refuses some of these before a path is looked at.
        try expectError(reply, path.contains("%00") ? 400 : 404)
    }

    @Test(
        "another method is a 405 that says which ones there are",
        arguments: [
            ("/customers/auth_ping", ["DELETE", "PUT", "POST", "PATCH"], ["GET", "HEAD", "OPTIONS"]),
            ("/customers/connect", ["GET", "HEAD", "DELETE", "PUT"], ["OPTIONS", "POST"]),
            ("/customers/client_connect", ["GET", "DELETE"], ["OPTIONS", "POST"]),
            ("/customers/history_message", ["POST", "DELETE"], ["GET", "HEAD", "OPTIONS"]),
            ("/customers/shutdown_service", ["GET", "DELETE"], ["OPTIONS", "POST"]),
            ("/customers/Transfer", ["GET", "PUT"], ["OPTIONS", "POST"]),
            ("/managers/access_token", ["DELETE", "PUT"], ["GET", "HEAD", "OPTIONS", "POST"]),
        ])
    func method(path: String, methods: [String], allowed: [String]) async throws {
        for method in methods {
            let reply = try await bed.client.send(HTTPTestRequest(method, path))
            #expect(reply.status == 405, "\(method) \(reply)")
            #expect(
                reply.header("allow")?.split(separator: ",").map { $0.filter { $0 != " " } }.sorted() == allowed,
                "\(method) \(path): \(reply.header("allow") ?? "no Allow")")
            if method != "HEAD" { try expectError(reply, 405, code: "method_not_allowed") }
        }
    }

    @Test("HEAD is GET without the body")
    func head() async throws {
        let token = try await bed.tenant().accessToken()
        var request = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        request.method = "HEAD"
        let reply = try await bed.client.send(request)
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
    }

    @Test("all that is wrong with the fields is said at once, by name")
    func allAtOnce() async throws {
        let reply = try await bed.client.send(
            .form("/customers/client_connect", [("api_key", "x"), ("department_id", "y")]))
        try expectInvalid(reply, ["api_key", "department_id"])
    }

    @Test("what nginx refuses by itself is JSON too: no HTTP, long lines, long fields, unknown methods")
    func nginxErrors() async throws {
        let long = String(repeating: "x", count: 20_000)
        let requests: [(String, Set<Int>)] = [
            ("GET /customers/auth_ping HTTP/1.1\r\n\r\n", [400]),
            ("GET /customers/auth_ping HTTP/9.9\r\nHost: x\r\n\r\n", [505]),
            ("nonsense\r\n\r\n", [400]), ("GET /customers/auth_ping?\(long) HTTP/1.1\r\nHost: x\r\n\r\n", [414]),
            ("GET /customers/auth_ping HTTP/1.1\r\nHost: x\r\nAuthorization: \(long)\r\n\r\n", [431]),
            ("BREW /customers/auth_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [405]),
            ("POST /customers/connect HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", [413]),
            ("POST /customers/connect HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", [400]),
        ]
        for (text, statuses) in requests {
            let answer = String(decoding: try await bed.client.exchange(Array(text.utf8)), as: UTF8.self)
            let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
            let status = Int(answer.dropFirst(9).prefix(3)) ?? 0
            #expect(statuses.contains(status), "\(text.prefix(60)) → \(answer.prefix(200))")
            let body = try HTTPTestJSON(parsing: Array((parts.count > 1 ? String(parts[1]) : "").utf8))
            #expect(body.keys == ["status", "code", "request_id"], "\(text.prefix(60)) → \(answer)")
            #expect(!answer.lowercased().contains("<html"))
        }
    }

    @Test("the request id is new for every request and a client's own does not take its place")
    func requestIDs() async throws {
        var ids: Set<String> = []
        for _ in 0..<20 {
            let reply = try await bed.client.send(.get("/customers/auth_ping").with("X-Request-Id", "mine"))
            try expectError(reply, 401, "unauthorized", code: "unauthorized")
            ids.insert(reply.header("x-request-id") ?? "")
        }
        #expect(ids.count == 20)
        #expect(!ids.contains("mine"))
    }

    @Test("the request id is in nginx's log, in the daemon's, and in the calls of the chat server")
    func requestIDEverywhere() async throws {
        let tenant = try await bed.tenant()
        let installation = try bed.installation
        let reply = try await tenant.clientConnect()
        let id = try #require(reply.header("x-request-id"))
        try await eventually("the logs have the request") {
            let nginx = installation.nginx.accessLog.contains { $0.contains("id=\(id)") }
            return try nginx && installation.daemon.log.contains { $0.contains(id) && $0.contains("client_connect") }
        }
        let calls = try await installation.chat.events().filter {
            $0["kind"] == "request" && $0["requestId"].string == id
        }
        #expect(calls.contains { $0["path"] == "/api/v1/groups.create" })
    }

    @Test("no token and no signature is in nginx's log")
    func accessLog() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let signature = tenant.signature(tenant.id)
        _ = try await bed.client.send(
            .get("/managers/access_token", [("apiKey", tenant.id), ("signature", signature)]))
        let marked = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
        let nginx = try bed.installation.nginx
        try await eventually("the log is written") {
            nginx.accessLog.contains { $0.contains(marked.header("x-request-id") ?? "?") }
        }
        let log = nginx.accessLog.joined(separator: "\n")
        #expect(!log.contains(token))
        #expect(!log.contains(signature.prefix(12)))
        #expect(!log.contains("signature"))
    }
}

/// What clients see while there is no daemon.
@Suite("Error answers without a daemon", .serialized, .ownProcesses, .installation())
struct NoDaemonTests {
    @Test("while the daemon is away nginx answers 502 in JSON with Retry-After, and all is well when it is back")
    func away() async throws {
        let bed = try TestBed.current
        let installation = try bed.installation
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let daemon = try installation.daemon
        daemon.process.kill()
        try await daemon.process.waitForExit()
        let signature = tenant.signature(tenant.id)
        let request = HTTPTestRequest.get("/managers/access_token", [("apiKey", tenant.id), ("signature", signature)])
        try expectError(try await bed.client.send(request), 502)
        try expectError(try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token)), 502)
        // nginx writes the request line with an error, and a signature in it is good for ever.
        let nginx = installation.nginx
        try await eventually("the error is written") { nginx.errorLog.contains { $0.contains("auth_ping") } }
        #expect(!nginx.errorLog.contains { $0.contains("signature") })
        // The dead daemon's socket file lies there still: the new one takes its place.
        try installation.startDaemon()
        try await installation.waitUntilServing()
        let reply = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
        #expect(reply.text == #""pong""#)
    }
}
