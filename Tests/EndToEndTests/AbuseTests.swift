import Foundation
import TestSupport
import Testing

/// Malformed FastCGI straight on the daemon's socket: it never ends the daemon and never disturbs anybody else.
@Suite("Abuse of the FastCGI socket", .ownProcesses, .installation())
struct AbuseTests {
    private typealias Bytes = FastCGIBytes

    /// Bytes that are no request, and what they are. The gate closes the connection without handing them on.
    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        init(_ name: String, _ bytes: [UInt8]) {
            testDescription = name
            self.bytes = bytes
        }
    }

    private static let parameters = [
        ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/customers/openapi.yaml"), ("REMOTE_ADDR", "192.0.2.7"),
    ]

    /// BEGIN_REQUEST, these bytes as PARAMS, an empty STDIN.
    private static func request(_ pairs: [UInt8]) -> [UInt8] {
        Bytes.begin() + Bytes.stream(type: 4, pairs) + Bytes.stream(type: 5, [])
    }

    private static let shapes: [Shape] = [
        Shape("a management record", Bytes.record(type: 9, id: 0, content: Bytes.pairs([("FCGI_MAX_CONNS", "")]))),
        Shape("an empty management record", Bytes.record(type: 9, id: 0)),
        Shape("a management record of an unknown type", Bytes.record(type: 42, id: 0, content: [1, 2, 3])),
        Shape(
            "an unknown type inside a request",
            Bytes.begin() + Bytes.record(type: 77, content: [UInt8](repeating: 65, count: 30))),
        Shape("another version", Bytes.record(type: 1, content: [0, 1, 0, 0, 0, 0, 0, 0], version: 9)),
        Shape("HTTP", Array("GET /customers/auth_ping HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
        Shape("zeros", [UInt8](repeating: 0, count: 64)), Shape("ones", [UInt8](repeating: 255, count: 64)),
        Shape(
            "the role of an authorizer",
            Bytes.begin(role: 2) + Bytes.stream(type: 4, Bytes.pairs(parameters)) + Bytes.stream(type: 5, [])),
        Shape(
            "the role of a filter",
            Bytes.begin(role: 3) + Bytes.stream(type: 4, Bytes.pairs(parameters)) + Bytes.stream(type: 5, [])),
        Shape("parameters before the begin", Bytes.stream(type: 4, Bytes.pairs(parameters))),
        Shape("a short begin", Bytes.record(type: 1, content: [0, 1])),
        Shape("two begins", Bytes.begin() + Bytes.begin()),
        Shape(
            "a foreign id among the parameters",
            Bytes.begin() + Bytes.record(type: 4, id: 2, content: Bytes.pairs(parameters))),
        Shape("an empty record of a foreign id", Bytes.begin() + Bytes.record(type: 4, id: 2)),
        Shape("an abort", Bytes.begin() + Bytes.record(type: 2)),
        Shape("a length beyond the parameters", request([5, 200] + Array("HTTPSon".utf8))),
        Shape("a name of 257 bytes", request(Bytes.pair([UInt8](repeating: 65, count: 257), [66]))),
        Shape(
            "a value beyond 32 KiB", request(Bytes.pair(Array("HTTP_X".utf8), [UInt8](repeating: 66, count: 32_769)))),
        Shape("257 parameters", request((0..<257).flatMap { Bytes.pairs([("X\($0)", "1")]) })),
        Shape(
            "more than 64 KiB of parameters",
            request((0..<3).flatMap { Bytes.pair(Array("X\($0)".utf8), [UInt8](repeating: 66, count: 30_000)) })),
        Shape("an equals sign in a name", request(Bytes.pairs(parameters + [("REMOTE_ADDR=6.6.6.6", "")]))),
        Shape("a NUL in a name", request(Bytes.pairs(parameters + [("A\u{0}B", "x")]))),
        Shape("a NUL in a value", request(Bytes.pairs(parameters + [("HTTP_AUTHORIZATION", "a\u{0}b")]))),
        Shape("an address twice", request(Bytes.pairs(parameters + [("REMOTE_ADDR", "6.6.6.6")]))),
        Shape("a method twice", request(Bytes.pairs([("REQUEST_METHOD", "POST")] + parameters))),
        Shape("a length that is no number", request(Bytes.pairs(parameters + [("CONTENT_LENGTH", "1x")]))),
        Shape("a negative length", request(Bytes.pairs(parameters + [("CONTENT_LENGTH", "-1")]))),
        Shape(
            "a body longer than its length",
            Bytes.begin() + Bytes.stream(type: 4, Bytes.pairs(parameters + [("CONTENT_LENGTH", "1")]))
                + Bytes.stream(type: 5, [1, 2, 3])),
        Shape(
            "a body shorter than its length",
            Bytes.begin() + Bytes.stream(type: 4, Bytes.pairs(parameters + [("CONTENT_LENGTH", "9")]))
                + Bytes.stream(type: 5, [1, 2, 3])),
        Shape(
            "a body without a length",
            Bytes.begin() + Bytes.stream(type: 4, Bytes.pairs(parameters)) + Bytes.stream(type: 5, [1, 2, 3])),
        Shape(
            "the body before the parameters' end",
            Bytes.begin() + Bytes.stream(type: 4, Bytes.pairs(parameters), ended: false) + Bytes.stream(type: 5, [])),
        Shape(
            "a data stream", Bytes.begin() + Bytes.stream(type: 4, Bytes.pairs(parameters)) + Bytes.stream(type: 8, [1])
        ),
        Shape(
            "an answer's records",
            Bytes.begin() + Bytes.record(type: 6, content: [1])
                + Bytes.record(type: 3, content: [UInt8](repeating: 0, count: 8))),
    ]

    @Test("bytes that are no request close that connection and nothing else", arguments: shapes)
    func refused(shape: Shape) async throws {
        let installation = try TestBed.current.installation
        let socket = installation.sockets[0]
        let isClosed = try await FastCGIClient.background {
            let client = try FastCGIClient(socket)
            try client.send(shape.bytes)
            return client.isClosedByServer()
        }
        #expect(isClosed)
        #expect(try installation.daemon.process.isRunning)
        #expect(try await isServing(socket))
    }

    @Test("the right request in every way of cutting it is answered")
    func goodShapes() async throws {
        let socket = try TestBed.current.installation.sockets[0]
        let pairs = FastCGIBytes.pairs(Self.parameters)
        let requests = [
            Self.request(pairs),
            FastCGIBytes.begin() + FastCGIBytes.stream(type: 4, pairs, size: 1) + FastCGIBytes.stream(type: 5, []),
            FastCGIBytes.begin(id: 65_535) + FastCGIBytes.stream(type: 4, id: 65_535, pairs, size: 7, padding: 255)
                + FastCGIBytes.stream(type: 5, id: 65_535, []),
        ]
        for request in requests {
            let reply = try await FastCGIClient.background { try FastCGIClient(socket).exchange(request) }
            #expect(reply.status == 200)
            #expect(reply.text.hasPrefix("openapi:"))
        }
    }

    @Test("half a request is waited for 5 s, then the connection is closed; others are served meanwhile")
    func half() async throws {
        let socket = try TestBed.current.installation.sockets[0]
        let whole = Self.request(FastCGIBytes.pairs(Self.parameters))
        let isClosed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for count in [1, 7, 8, 15, 16, 40, whole.count - 8, whole.count - 1] {
                group.addTask {
                    try await FastCGIClient.background {
                        let client = try FastCGIClient(socket)
                        try client.send(Array(whole.prefix(count)))
                        return client.isClosedByServer(timeout: 15)
                    }
                }
            }
            for _ in 0..<20 { group.addTask { try await isServing(socket) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(isClosed.count == 28)
        #expect(isClosed.allSatisfy { $0 })
    }

    @Test("requests sent without waiting for answers, and peers that leave early, disturb nobody")
    func pipelinedAndEarly() async throws {
        let installation = try TestBed.current.installation
        let socket = installation.sockets[0]
        let kept = FastCGIBytes.request("GET", "/customers/openapi.yaml", keep: true)
        for _ in 0..<20 {
            try await FastCGIClient.background {
                let client = try FastCGIClient(socket)
                try client.send(kept + kept + kept)
                // One at a time is what the protocol's users do: whatever becomes of it, it is an answer or a close.
                _ = try? client.reply()
                client.hangUp()
                let early = try FastCGIClient(socket)
                try early.send(FastCGIBytes.request("POST", "/customers/client_connect", body: [1, 2, 3]))
                early.hangUp()
                try FastCGIClient(socket).send(Array(kept.prefix(11)))
            }
        }
        #expect(try installation.daemon.process.isRunning)
        #expect(try await isServing(socket))
    }

    @Test("a storm of all of it beside customers' calls: every customer is served, no descriptor is left open")
    func storm() async throws {
        let bed = try TestBed.current
        let installation = try bed.installation
        let tenant = try await bed.tenant()
        let daemon = try installation.daemon
        let socket = installation.sockets[0]
        let token = try await tenant.accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        let client = bed.client
        var random = SeededGenerator(state: 20_261_124)
        var storm: [[UInt8]] = Self.shapes.map(\.bytes)
        let whole = Self.request(FastCGIBytes.pairs(Self.parameters))
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            storm.append(bytes)
        }
        let abuse = storm
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            group.addTask {
                try await FastCGIClient.background {
                    for bytes in abuse {
                        let client = try FastCGIClient(socket)
                        try? client.send(bytes)
                        client.endSending()
                    }
                    return []
                }
            }
            for _ in 0..<8 {
                group.addTask {
                    var statuses: [Int] = []
                    for _ in 0..<25 { statuses.append(try await client.send(ping).status) }
                    statuses.append(try await tenant.clientConnect().status)
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(statuses.count == 8 * 26)
        #expect(statuses.allSatisfy { $0 == 200 })
        #expect(daemon.process.isRunning)
        // What is open then: listening socket, loops, Redis, kept connections of nginx and to the chat server.
        try await eventually("the abusers' connections are closed") { daemon.descriptorCount < 100 }
    }

    private func isServing(_ socket: String) async throws -> Bool {
        let request = FastCGIBytes.request("GET", "/customers/openapi.yaml")
        return try await FastCGIClient.background { try FastCGIClient(socket).exchange(request).status == 200 }
    }
}
