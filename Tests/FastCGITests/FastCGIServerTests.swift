import EventLoop
import FastCGI
import Glibc
import HTTPMessage
import TestSupport
import Testing

@Suite("FastCGI server: requests")
struct FastCGIServerTests {
    @Test(
        "a request reaches the handler on its loop with all its parts", arguments: ["/unix", "127.0.0.1:0", "[::1]:0"])
    func request(_ kind: String) async throws {
        let server = try TestServer(tcp: kind == "/unix" ? nil : kind)
        let reply = try await server.withClient {
            try $0.exchange(
                FastCGIBytes.request(
                    "POST", "/customers/connect?a=1&b=%20", id: 7,
                    parameters: [
                        ("HTTP_AUTHORIZATION", "abc"), ("HTTP_IDEMPOTENCY_KEY", "k"), ("CONTENT_TYPE", "text/x"),
                        ("REQUEST_ID", "r-1"), ("HTTP_PROXY", "evil"), ("HTTP_X_ACCEL_REDIRECT", "evil"),
                        ("HTTP_CONTENT_LENGTH", "9"), ("HTTP_EMPTY", ""), ("HTTP_bad", "x"), ("SERVER_NAME", "s"),
                    ], body: Array("body".utf8)))
        }
        #expect(reply.status == 200)
        #expect(reply.requestID == 7)
        #expect(reply.applicationStatus == 0 && reply.protocolStatus == 0)
        #expect(
            reply.text
                == "POST /customers/connect ?a=1&b=%20 192.0.2.7 r-1 [authorization=abc;content-type=text/x;idempotency-key=k] body"
        )
        #expect(reply.header("Content-Type") == "text/plain")
        #expect(reply.header("Content-Length") == String(reply.body.count))
        #expect(await eventually { server.server.counts.connections == 0 })
    }

    @Test("what is answered at once never reaches the handler, and what is not does, on one connection in turn")
    func atOnce() async throws {
        let server = try TestServer(atOnce: { request, loop in
            request.path == "/now" ? HTTPResponse(status: loop.inLoop ? 201 : 500, body: request.body) : nil
        })
        let statuses = try await server.withClient { client in
            try ["/now", "/later", "/now", "/now", "/later"].map { path in
                try client.exchange(FastCGIBytes.request("POST", path, keep: true, body: Array("b".utf8))).status
            }
        }
        #expect(statuses == [201, 200, 201, 201, 200])
        #expect(server.server.counts.requests == 5)
        #expect(await eventually { server.server.counts.inFlight == 0 })
    }

    @Test("who sleeps until somebody wants something is woken by a connection, and by a request on one that is kept")
    func arrivals() async throws {
        let server = try TestServer()
        let before = server.server.arrivalCount
        async let connected: Void = server.server.nextArrival(after: before)
        _ = try await server.withClient { client in
            try client.exchange(FastCGIBytes.request("GET", "/", keep: true))
        }
        try await connected
        #expect(server.server.arrivalCount == before + 2)
        let client = try FastCGIClient(server.address)
        try await FastCGIClient.background { _ = try client.exchange(FastCGIBytes.request("GET", "/", keep: true)) }
        let kept = server.server.arrivalCount
        async let asked: Void = server.server.nextArrival(after: kept)
        try await FastCGIClient.background { _ = try client.exchange(FastCGIBytes.request("GET", "/", keep: true)) }
        try await asked
        #expect(server.server.arrivalCount == kept + 1)
        // Who comes too late for it does not sleep.
        try await server.server.nextArrival(after: before)
    }

    @Test("a peer that half-closes behind its request gets an answer that is made at once")
    func atOnceHalfClosed() async throws {
        let server = try TestServer(atOnce: { _, _ in HTTPResponse(status: 200, body: Array("now".utf8)) })
        let reply = try await server.withClient { client in
            try client.send(FastCGIBytes.request("GET", "/", keep: true))
            client.endSending()
            return try client.reply()
        }
        #expect(reply.text == "now")
        #expect(await eventually { server.server.counts.connections == 0 })
    }

    @Test("the path falls back to DOCUMENT_URI, then to SCRIPT_NAME and PATH_INFO")
    func path() async throws {
        let server = try TestServer()
        let targets: [([(String, String)], String)] = [
            ([("DOCUMENT_URI", "/d"), ("SCRIPT_NAME", "/s")], "GET /d ? "),
            ([("SCRIPT_NAME", "/s"), ("PATH_INFO", "/p")], "GET /s/p ? "),
            ([("REQUEST_URI", "/r?x=1"), ("DOCUMENT_URI", "/d")], "GET /r ?x=1 "),
        ]
        for (parameters, expected) in targets {
            let bytes =
                FastCGIBytes.begin()
                + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs(parameters + [("REQUEST_METHOD", "GET")]))
                + FastCGIBytes.record(type: 5)
            #expect(try await server.withClient { try $0.exchange(bytes) }.text.hasPrefix(expected))
        }
    }

    @Test("a kept connection serves one request after another, the last closes it")
    func keepAlive() async throws {
        let server = try TestServer()
        try await server.withClient { (client) throws in
            for id in 1...60 as ClosedRange<UInt16> {
                let body = [UInt8](repeating: UInt8(id), count: Int(id) * 500)
                let request = FastCGIBytes.request("POST", "/\(id)", id: id * 3, keep: id < 60, body: body)
                let reply = try client.exchange(request)
                #expect(reply.requestID == id * 3)
                #expect(reply.text.hasPrefix("POST /\(id) "))
                #expect(Array(reply.body.suffix(body.count)) == body)
            }
            #expect(client.isClosedByServer())
        }
        #expect(server.server.counts.accepted == 1)
        #expect(server.server.counts.requests == 60)
    }

    @Test("a request may come in pieces of any size")
    func pieces() async throws {
        let server = try TestServer()
        let bytes = FastCGIBytes.request("POST", "/pieces", parameters: [("HTTP_A", "b")], body: Array("hello".utf8))
        try await server.withClient { (client) throws in
            for byte in bytes { try client.send([byte]) }
            #expect(try client.reply().text.hasSuffix("[a=b] hello"))
        }
    }

    @Test("a body of exactly 64 KiB passes", arguments: ["/unix", "127.0.0.1:0"])
    func largestBody(_ kind: String) async throws {
        let server = try TestServer(tcp: kind == "/unix" ? nil : kind)
        let body = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) }
        let fields = (0..<7).map { ("HTTP_F\($0)", String(repeating: "f", count: 8_000)) }
        let reply = try await server.withClient {
            try $0.exchange(FastCGIBytes.request("POST", "/", parameters: fields, body: body))
        }
        #expect(Array(reply.body.suffix(65_536)) == body)
    }

    @Test("HEAD gets the head only, with the length that GET would have")
    func head() async throws {
        let server = try TestServer { _, _ in HTTPResponse(status: 200, body: Array("12345".utf8)) }
        let reply = try await server.withClient { try $0.exchange(FastCGIBytes.request("HEAD")) }
        #expect(reply.header("Content-Length") == "5")
        #expect(reply.body.isEmpty)
    }

    @Test("204 has neither body nor length")
    func noContent() async throws {
        let server = try TestServer { _, _ in
            HTTPResponse(status: 204, headers: [(.allow, "GET")], body: Array("x".utf8))
        }
        let reply = try await server.withClient { try $0.exchange(FastCGIBytes.request("OPTIONS")) }
        #expect(reply.status == 204)
        #expect(reply.header("Content-Length") == nil)
        #expect(reply.header("Allow") == "GET")
        #expect(reply.body.isEmpty)
    }

    @Test(
        "a field value with a control character becomes 500 and is counted",
        arguments: ["a\r\nb", "a\nb", "a\u{0}b", "\u{7f}"])
    func responseSplitting(_ value: String) async throws {
        let server = try TestServer { _, _ in HTTPResponse(status: 200, headers: [(.allow, value)]) }
        let reply = try await server.withClient {
            try $0.exchange(FastCGIBytes.request(parameters: [("REQUEST_ID", "id1")]))
        }
        #expect(reply.status == 500)
        #expect(reply.text == #"{"code":"internal_error","request_id":"id1","status":"internal error"}"#)
        #expect(server.server.counts.badResponses == 1)
    }

    @Test("a value that is not UTF-8 is answered 400")
    func badEncoding() async throws {
        let server = try TestServer()
        let bytes =
            FastCGIBytes.begin(keep: true)
            + FastCGIBytes.stream(
                type: 4,
                FastCGIBytes.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_ID", "id2")])
                    + FastCGIBytes.pair(Array("HTTP_AUTHORIZATION".utf8), [0x61, 0xff]))
            + FastCGIBytes.record(type: 5)
        try await server.withClient { (client) throws in
            let reply = try client.exchange(bytes)
            #expect(reply.status == 400)
            #expect(reply.header("Content-Type") == "application/json")
            #expect(reply.text.hasPrefix(#"{"code":"bad_encoding","request_id":""#))
            #expect(try client.exchange(FastCGIBytes.request()).status == 200)
        }
    }

    @Test("a missing or unsafe request id is replaced by a new one")
    func requestID() async throws {
        let server = try TestServer()
        var seen: Set<String> = []
        for bad in [nil, "", "a b", "a\u{e9}", String(repeating: "x", count: 65)] {
            let parameters = bad.map { [("REQUEST_ID", $0)] } ?? []
            let reply = try await server.withClient { try $0.exchange(FastCGIBytes.request(parameters: parameters)) }
            let id = try #require(reply.header("X-Request-Id"))
            #expect(id.count == 32 && id.allSatisfy { $0.isHexDigit })
            seen.insert(id)
        }
        #expect(seen.count == 5)
    }

    @Test("a thousand requests are in flight at once on one loop")
    func thousandInFlight() async throws {
        let latch = Latch()
        let server = try TestServer { _, _ in
            await latch.wait()
            return HTTPResponse(status: 200, body: [1])
        }
        let address = server.address
        let clients = try await FastCGIClient.background { () throws in
            try (0..<1_000).map { number in
                let client = try FastCGIClient(address)
                try client.send(FastCGIBytes.request("POST", "/\(number)"))
                return client
            }
        }
        #expect(await eventually { latch.waiting == 1_000 && server.server.counts.inFlight == 1_000 })
        latch.open()
        try await FastCGIClient.background { () throws in
            for client in clients { #expect(try client.reply().body == [1]) }
        }
        #expect(await eventually { server.server.counts.inFlight == 0 })
    }

    @Test("above the limit of requests in flight the answer is 503 at once, and the connection stays")
    func overload() async throws {
        let latch = Latch()
        let server = try TestServer(configuration: FastCGIConfiguration(maxInFlight: 2)) { _, _ in
            await latch.wait()
            return HTTPResponse(status: 200)
        }
        let address = server.address
        let held = try await FastCGIClient.background { () throws in
            try (0..<2).map { _ in
                let client = try FastCGIClient(address)
                try client.send(FastCGIBytes.request())
                return client
            }
        }
        #expect(await eventually { latch.waiting == 2 })
        try await server.withClient { (client) throws in
            let shed = try client.exchange(FastCGIBytes.request(keep: true, parameters: [("REQUEST_ID", "r")]))
            #expect(shed.status == 503)
            #expect((1...5).contains(shed.header("Retry-After").flatMap { Int($0) } ?? 0))
            #expect(shed.text == #"{"code":"overloaded","request_id":"r","status":"overloaded"}"#)
            latch.open()
            for client in held { #expect(try client.reply().status == 200) }
            #expect(try client.exchange(FastCGIBytes.request()).status == 200)
        }
        #expect(server.server.counts.overloaded == 1)
    }

    @Test("loops share the connections of one socket")
    func severalLoops() async throws {
        let server = try TestServer(loops: 2) { _, loop in HTTPResponse(status: 200, body: Array(loop.name.utf8)) }
        let address = server.address
        let names = try await FastCGIClient.background { () throws in
            let clients = try (0..<20).map { _ in try FastCGIClient(address) }
            return try clients.map { try $0.exchange(FastCGIBytes.request(keep: true)).text }
        }
        #expect(Set(names).count == 2)
        let most = Dictionary(grouping: names) { $0 }.values.map(\.count).max() ?? 0
        #expect(most <= 14, "\(names)")
    }
}
