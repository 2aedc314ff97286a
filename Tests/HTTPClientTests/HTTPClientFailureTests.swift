import EventLoop
import HTTPClient
import Synchronization
import TestSupport
import Testing

@Suite("HTTP client, failures")
struct HTTPClientFailureTests {
    private func failure(
        _ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) async throws -> HTTPClientError {
        try await failure(request, TestClient(configuration))
    }

    private func failure(_ request: HTTPClientRequest, _ client: TestClient) async throws -> HTTPClientError {
        try #require(await #expect(throws: HTTPClientError.self) { try await client.send(request) })
    }

    @Test("nobody listening is a failed connect that reached nobody")
    func nobodyListens() async throws {
        let error = try await failure(HTTPClientRequest(url: "http://127.0.0.1:1/"))
        #expect(error.code == .connectFailed)
        #expect(!error.mayHaveReachedServer)
    }

    @Test("a name that does not exist is a failed connect")
    func unknownName() async throws {
        let error = try await failure(HTTPClientRequest(url: "http://chat.invalid/"))
        #expect(error.code == .connectFailed)
    }

    @Test("a file of trusted certificates that is not there is named")
    func noTrustedRoots() async throws {
        let server = try ScriptedHTTPServer { _ in .silence }
        var configuration = HTTPClientConfiguration()
        configuration.trustedRootsFile = "/nonexistent/roots.pem"
        let url = server.url.replacing("http:", with: "https:") + "/path-secret"
        let error = try await failure(HTTPClientRequest(url: url), configuration)
        #expect(error.code == .connectFailed)
        #expect(error.message.contains("/nonexistent/roots.pem") && !error.message.contains("secret"))
    }

    @Test("a server that says nothing times out, and may have got the request")
    func silence() async throws {
        let server = try ScriptedHTTPServer { _ in .silence }
        let error = try await failure(HTTPClientRequest(url: server.url + "/", deadline: .milliseconds(300)))
        #expect(error.code == .timedOut)
        #expect(error.mayHaveReachedServer)
    }

    @Test("a server that trickles times out as well")
    func trickle() async throws {
        let server = try ScriptedHTTPServer { _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx") }
        let error = try await failure(HTTPClientRequest(url: server.url + "/", deadline: .milliseconds(300)))
        #expect(error.code == .timedOut)
    }

    @Test("a reset instead of an answer", arguments: [HTTPClientRequest.Method.get, .post])
    func reset(method: HTTPClientRequest.Method) async throws {
        let server = try ScriptedHTTPServer { _ in .reset }
        let error = try await failure(HTTPClientRequest(method: method, url: server.url + "/", body: [1]))
        #expect(error.code == .reset)
        #expect(error.mayHaveReachedServer)
        #expect(server.requests.count == 1)
    }

    @Test("a body shorter than promised is a reset, not a short body")
    func truncated() async throws {
        let server = try ScriptedHTTPServer { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\":", ending: .close)
        }
        let error = try await failure(HTTPClientRequest(url: server.url + "/"))
        #expect(error.code == .reset)
    }

    @Test("chunks without the last one are a reset")
    func truncatedChunks() async throws {
        let server = try ScriptedHTTPServer { _ in
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", ending: .close)
        }
        let error = try await failure(HTTPClientRequest(url: server.url + "/"))
        #expect(error.code == .reset)
    }

    @Test("what is no HTTP is malformed")
    func notHTTP() async throws {
        let server = try ScriptedHTTPServer { _ in .raw("220 mail.example.com ESMTP\r\n", ending: .close) }
        let error = try await failure(HTTPClientRequest(url: server.url + "/"))
        #expect(error.code == .malformedReply)
    }

    @Test("a body above the limit is refused, whether its length is told or not", arguments: [true, false])
    func tooLarge(isTold: Bool) async throws {
        let body = [UInt8](repeating: 0x20, count: 5 * 1_024 * 1_024)
        let server = try ScriptedHTTPServer { _ in
            guard !isTold else { return .reply(body, type: "application/json") }
            return ScriptedHTTPAnswer(
                bytes: Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + body, delay: .zero, ending: .close)
        }
        let error = try await failure(HTTPClientRequest(url: server.url + "/"))
        #expect(error.code == .tooLarge)
        let client = try TestClient()
        let reply = try await client.send(HTTPClientRequest(url: server.url + "/", replyLimit: body.count))
        #expect(reply.body.count == body.count)
    }

    @Test("long replies share so many bytes while they arrive; short ones do not count, and what is over is free again")
    func longReplies() async throws {
        let server = try ScriptedHTTPServer { request in
            let size = Int(request.target.dropFirst()) ?? 0
            return .reply([UInt8](repeating: 0x20, count: size), type: "application/json")
        }
        var configuration = HTTPClientConfiguration()
        configuration.longReplies = 100_000
        let client = try TestClient(configuration)
        for _ in 0..<3 {
            #expect(try await client.send(HTTPClientRequest(url: server.url + "/130000")).body.count == 130_000)
            let error = try await failure(HTTPClientRequest(url: server.url + "/140000"), client)
            #expect(error.code == .overloaded && error.mayHaveReachedServer)
        }
        configuration.longReplies = 0
        let other = try TestClient(configuration)
        #expect(try await other.send(HTTPClientRequest(url: server.url + "/32768")).body.count == 32_768)
        #expect(try await failure(HTTPClientRequest(url: server.url + "/32769"), other).code == .overloaded)
    }

    @Test("endless reply fields are refused")
    func tooManyFields() async throws {
        let fields = String(repeating: "X-Field: 0123456789\r\n", count: 10_000)
        let server = try ScriptedHTTPServer { _ in .raw("HTTP/1.1 200 OK\r\n" + fields + "\r\n") }
        let error = try await failure(HTTPClientRequest(url: server.url + "/"))
        #expect(error.code == .tooLarge)
    }

    @Test("a kept connection that dies is replaced once for what may be repeated, and never for what may not")
    func staleConnection() async throws {
        for (isRepeatable, expected) in [(true, 3), (false, 2)] {
            // The first request of every connection is answered, the second resets it.
            let seen = Mutex<Set<Int>>([])
            let server = try ScriptedHTTPServer { request in
                seen.withLock { $0.insert(request.connection).inserted } ? .json("{}") : .reset
            }
            let client = try TestClient()
            let request = HTTPClientRequest(
                method: .post, url: server.url + "/", body: [1], mayRepeat: { isRepeatable })
            _ = try await client.send(request)
            if isRepeatable {
                _ = try await client.send(request)
            } else {
                let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
                #expect(error?.code == .reset)
                #expect(error?.mayHaveReachedServer == true)
            }
            #expect(server.requests.count == expected)
        }
    }

    @Test("cancelling ends the transfer at once and frees its place")
    func cancel() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let server = try ScriptedHTTPServer { _ in
            arrived.continuation.yield()
            return .silence
        }
        let client = try TestClient()
        let task = Task { try await client.send(HTTPClientRequest(url: server.url + "/")) }
        for await _ in arrived.stream { break }
        task.cancel()
        let error = await #expect(throws: HTTPClientError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveReachedServer == true)
        #expect(await client.transfersInFlight == 0)
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(HTTPClientRequest(url: server.url + "/"))
        }
        let error = await #expect(throws: HTTPClientError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(await client.transfersInFlight == 0)
    }

    @Test("closing ends what is in flight and refuses what comes later")
    func close() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let server = try ScriptedHTTPServer { _ in
            arrived.continuation.yield()
            return .silence
        }
        let client = try TestClient()
        let task = Task { try await client.send(HTTPClientRequest(url: server.url + "/")) }
        for await _ in arrived.stream { break }
        await client.close()
        await #expect(throws: HTTPClientError.self) { try await task.value }
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPClientRequest(url: server.url + "/"))
        }
        #expect(error?.code == .cancelled)
    }

    @Test("neither URL nor fields show up in an error")
    func noSecrets() async throws {
        let server = try ScriptedHTTPServer { _ in .reset }
        let error = try await failure(
            HTTPClientRequest(
                url: server.url + "/path-secret?q=query-secret", headers: [("X-Auth-Token", "token-secret")]))
        #expect(!"\(error)".contains("secret"))
        #expect("\(error)".hasPrefix("reset (curl "))
    }
}
