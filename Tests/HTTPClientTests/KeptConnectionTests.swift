import HTTPClient
import TestSupport
import Testing

/// On HTTP/1 a reply belongs to a request by its turn only: what waits on a kept connection before the request goes out
/// would be taken for its reply.
@Suite("HTTP client, kept connections")
struct KeptConnectionTests {
    private static let extra = reply("of nobody")

    private static func reply(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String {
        let size = String(body.utf8.count, radix: 16)
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\r\n"
    }

    /// One that may not be repeated fails where it had to be.
    private static func request(
        _ url: String, _ method: HTTPClientRequest.Method, mayRepeat: Bool = false
    ) -> HTTPClientRequest {
        HTTPClientRequest(
            method: method, url: url + "/", body: method == .post ? [1] : [], mayRepeat: { mayRepeat })
    }

    @Test(
        "a second reply with the first is nobody's, however the first one is framed and however long it is",
        arguments: [1, 1_900, 4_000, 6_000, 200_000], [false, true])
    func surplus(length: Int, isChunked: Bool) async throws {
        let server = try ScriptedHTTPServer { request in
            let body = String(repeating: "\(request.number % 10)", count: length)
            let reply = isChunked ? Self.chunked(body) : Self.reply(body)
            return .raw(request.number % 2 == 0 ? reply + Self.extra : reply)
        }
        let client = try TestClient()
        for number in 0..<6 {
            let reply = try await client.send(Self.request(server.url, number < 3 ? .get : .post))
            #expect(reply.body.count == length)
            #expect(reply.body.allSatisfy { $0 == UInt8(ascii: "0") + UInt8(number) })
        }
        #expect(server.requests.count == 6)
    }

    @Test(
        "bytes, an end or a reset on an idle connection: the next request goes out once, on a new one",
        arguments: [
            ("HTTP/1.1 408 Request Time-out\r\nConnection: close\r\n\r\n", ScriptedHTTPAnswer.Ending.close),
            ("HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\n\r\n", .keep), (extra, .keep), ("\n", .keep),
            ("\n", .reset), ("", .close), ("", .reset),
        ])
    func idle(bytes: String, ending: ScriptedHTTPAnswer.Ending) async throws {
        let server = try ScriptedHTTPServer { .json("\($0.number)") }
        let client = try TestClient()
        // Nothing tells when an end without bytes has arrived.
        let mayCross = bytes.isEmpty
        for (round, method) in [HTTPClientRequest.Method.get, .post, .put].enumerated() {
            _ = try await client.send(Self.request(server.url, method))
            let connection = try #require(server.requests.last?.connection)
            await server.send(.raw(bytes), onConnection: connection)
            if ending != .keep { await server.send(.raw("", ending: ending), onConnection: connection) }
            let reply = try await client.send(Self.request(server.url, method, mayRepeat: mayCross))
            #expect(reply.status == 200)
            #expect(reply.body == Array("\(round * 2 + 1)".utf8))
            #expect(server.requests.count == round * 2 + 2)
            #expect(server.requests.last?.connection == connection + 1)
        }
    }

    @Test("a connection on which nothing waits is used again, also after others had to go")
    func usedAgain() async throws {
        let server = try ScriptedHTTPServer { .json("\($0.number)") }
        let client = try TestClient()
        _ = try await client.send(Self.request(server.url, .get))
        await server.send(.raw(Self.extra), onConnection: 0)
        for _ in 0..<10 { _ = try await client.send(Self.request(server.url, .get)) }
        #expect(server.requests.map(\.connection) == [0] + [Int](repeating: 1, count: 10))
    }

    @Test("many connections that all have gone bad cost each request one new one")
    func many() async throws {
        let server = try ScriptedHTTPServer { request in
            .json(request.target, delay: request.target == "/first" ? .milliseconds(100) : .zero)
        }
        let client = try TestClient()
        for round in 0..<3 {
            let before = server.requests.count
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let target = round == 0 ? "/first" : "/\(round)-\(number)"
                        let reply = try? await client.send(HTTPClientRequest(url: server.url + target))
                        #expect(reply?.body == Array(target.utf8))
                    }
                }
            }
            #expect(server.requests.count == before + 60)
            for connection in Set(server.requests.map(\.connection)) {
                await server.send(.raw(Self.extra), onConnection: connection)
            }
        }
    }

    @Test("where no new connection can be had, the request has reached nobody")
    func nobodyListens() async throws {
        let server = try ScriptedHTTPServer { _ in .json("{}") }
        let client = try TestClient()
        _ = try await client.send(Self.request(server.url, .get))
        await server.stopListening()
        await server.send(.raw(Self.extra), onConnection: 0)
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(Self.request(server.url, .get))
        }
        #expect(error?.code == .connectFailed)
        #expect(error?.mayHaveReachedServer == false)
        #expect(await client.transfersInFlight == 0)
    }
}
