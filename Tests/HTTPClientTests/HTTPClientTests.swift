import EventLoop
import HTTPClient
import TestSupport
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
    @Test("method, target, fields and body arrive as they were given")
    func requestArrives() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        let body = Array("{\"a\":\"\u{0}ü\"}".utf8)
        _ = try await client.send(
            HTTPClientRequest(
                method: .post, url: server.url + "/api/../x?y=%2F", headers: [("X-One", "1"), ("X-Empty", "")],
                body: body))
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/api/../x?y=%2F")
        #expect(request.headers["x-one"] == "1")
        #expect(request.headers["x-empty"] == "")
        #expect(request.headers["content-length"] == "\(body.count)")
        #expect(request.headers["content-type"] == nil)
        #expect(request.headers["expect"] == nil)
        #expect(request.headers["user-agent"] == "customersd")
        #expect(request.body == body)
    }

    @Test("each method is sent under its name", arguments: ["GET", "HEAD", "POST", "PUT", "DELETE"])
    func methods(name: String) async throws {
        let server = try ScriptedHTTPServer { $0.method == "HEAD" ? .raw("HTTP/1.1 204 No\r\n\r\n") : .json("[]") }
        let client = try TestClient()
        let method = try #require(HTTPClientRequest.Method(rawValue: name))
        let reply = try await client.send(HTTPClientRequest(method: method, url: server.url + "/"))
        #expect(reply.status == (name == "HEAD" ? 204 : 200))
        #expect(server.requests.map(\.method) == [name])
    }

    @Test("a request leaves nothing behind for the next one on the same handle")
    func handleIsClean() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        _ = try await client.send(
            HTTPClientRequest(
                method: .put, url: server.url + "/a", headers: [("X-Auth-Token", "secret")], body: [1, 2]))
        _ = try await client.send(HTTPClientRequest(url: server.url + "/b"))
        let second = try #require(server.requests.last)
        #expect(second.method == "GET")
        #expect(second.body.isEmpty)
        #expect(second.headers["x-auth-token"] == nil)
        #expect(second.headers["content-length"] == nil)
    }

    @Test("status, fields in any case and body come back, those of an interim reply do not")
    func reply() async throws {
        let server = try ScriptedHTTPServer { _ in
            .raw(
                "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                    + "HTTP/1.1 429 Too Many\r\n"
                    + "X-RateLimit-Reset:  1748965123000 \r\nX-Nothing:\r\nContent-Length: 2\r\n\r\n{}"
            )
        }
        let client = try TestClient()
        let reply = try await client.send(HTTPClientRequest(url: server.url + "/"))
        #expect(reply.status == 429)
        #expect(reply.header("x-ratelimit-reset") == "1748965123000")
        #expect(reply.header("X-Nothing") == "")
        #expect(reply.header("X-Early") == nil)
        #expect(reply.header("Location") == nil)
        #expect(reply.body == Array("{}".utf8))
    }

    @Test("requests one after the other share a connection")
    func keepAlive() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        for _ in 0..<20 { _ = try await client.send(HTTPClientRequest(url: server.url + "/")) }
        #expect(Set(server.requests.map(\.connection)).count == 1)
    }

    @Test("a redirect is an answer like any other")
    func redirect() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}", status: 302, headers: [("Location", "/elsewhere")]) }
        let client = try TestClient()
        let reply = try await client.send(HTTPClientRequest(url: server.url + "/"))
        #expect(reply.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test(
        "what cannot be sent safely is refused before anything is sent",
        arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://127.0.0.1/a b",
            "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\u{0}", "", "http://",
        ])
    func badURL(url: String) async throws {
        let client = try TestClient()
        let error = await #expect(throws: HTTPClientError.self) { try await client.send(HTTPClientRequest(url: url)) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.mayHaveReachedServer == false)
    }

    @Test(
        "a field cannot smuggle in another",
        arguments: [("X", "a\r\nY: b"), ("X\r\nY", "a"), ("X", "\u{0}"), ("", "a"), ("X:", "a")])
    func badField(field: (String, String)) async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPClientRequest(url: server.url + "/", headers: [(name: field.0, value: field.1)]))
        }
        #expect(error?.code == .invalidRequest)
        #expect(server.requests.isEmpty)
    }
}
