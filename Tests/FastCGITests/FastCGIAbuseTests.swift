import FastCGI
import FastCGIProtocol
import Glibc
import HTTPMessage
import Synchronization
import TestSupport
import Testing

/// Bytes that the gate refuses, one shape a reason.
private let shapes: [GateRefusal: [UInt8]] = {
    let begin = FastCGIBytes.begin()
    let record = { (type: UInt8, content: [UInt8]) in FastCGIBytes.record(type: type, content: content) }
    let parameters = { (pairs: [(String, String)]) in
        begin + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs(pairs)) + FastCGIBytes.record(type: 5)
    }
    let large = FastCGIBytes.pairs([("A", String(repeating: "a", count: 32_768))])
    return [
        .version: FastCGIBytes.record(type: 1, content: [0, 1, 0, 0, 0, 0, 0, 0], version: 2),
        .managementRecord: FastCGIBytes.record(type: 9, id: 0),
        .unknownType: record(77, []),
        .unexpectedRecord: begin + record(6, []),
        .abortRequest: begin + record(2, []),
        .dataRecord: begin + record(4, []) + record(8, []),
        .foreignRequestID: begin + FastCGIBytes.record(type: 4, id: 2),
        .missingBegin: record(4, []),
        .secondBegin: begin + begin,
        .beginLength: record(1, [0, 1, 0, 0]),
        .role: FastCGIBytes.begin(role: 2),
        .misplacedPadding: FastCGIBytes.record(type: 1, content: [0, 1, 0, 0, 0, 0, 0, 0], padding: 8),
        .parameterCount: parameters((0..<300).map { ("P\($0)", "") }),
        .parametersLength: begin + FastCGIBytes.stream(type: 4, large + large + large, size: 30_000),
        .parametersTruncated: begin + record(4, [9, 9, 65]) + record(4, []),
        .parameterNameLength: parameters([("", "x")]),
        .parameterName: parameters([("A=B", "x")]),
        .parameterValueLength: parameters([("A", String(repeating: "a", count: 32_769))]),
        .parameterValue: parameters([("A", "x\u{0}y")]),
        .duplicateParameter: parameters([("REMOTE_ADDR", "1"), ("REMOTE_ADDR", "2")]),
        .contentLength: parameters([("CONTENT_LENGTH", "1e3")]),
        .bodyLength: parameters([("CONTENT_LENGTH", "3")]),
        .trailingBytes: FastCGIBytes.request() + [0],
        .requestLength: begin
            + FastCGIBytes.stream(
                type: 4, FastCGIBytes.pairs([("A", String(repeating: "a", count: 2_000))]), size: 1, padding: 255),
    ]
}()

@Suite("FastCGI server: abuse")
struct FastCGIAbuseTests {
    @Test("a malformed request ends its own connection only, and is counted", arguments: GateRefusal.allCases)
    func malformed(_ refusal: GateRefusal) async throws {
        // A Unix socket holds about 200 KiB that nobody reads, so the whole may not be longer than that here.
        let server = try TestServer(configuration: FastCGIConfiguration(gate: GateLimits(requestLength: 150_000)))
        let bytes = try #require(shapes[refusal])
        let address = server.address
        try await FastCGIClient.background { () throws in
            let good = try FastCGIClient(address)
            #expect(try good.exchange(FastCGIBytes.request(keep: true)).status == 200)
            let bad = try FastCGIClient(address)
            // The server may close before it has taken everything.
            try? bad.send(bytes)
            #expect(bad.isClosedByServer())
            #expect(try good.exchange(FastCGIBytes.request(keep: true)).status == 200)
        }
        #expect(server.server.counts.refused == [refusal.rawValue: 1])
        #expect(server.server.counts.requests == 2)
    }

    @Test(
        "a body over the limit is answered 413 in JSON; a connection that is to be kept serves on, another one closes",
        arguments: [65_537, 100_000, 163_840], [true, false])
    func tooLarge(_ length: Int, keep: Bool) async throws {
        for kind in [nil, "127.0.0.1:0"] {
            let server = try TestServer(tcp: kind)
            let request = FastCGIBytes.request(
                "POST", "/", id: 9, keep: keep, parameters: [("REQUEST_ID", "big")],
                body: [UInt8](repeating: 65, count: length))
            try await server.withClient { (client) throws in
                let reply = try client.exchange(request)
                #expect(reply.status == 413)
                #expect(reply.requestID == 9)
                #expect(reply.header("Content-Type") == "application/json")
                #expect(reply.text == #"{"code":"too_large","request_id":"big","status":"request body too large"}"#)
                if keep {
                    #expect(try client.exchange(request).status == 413)
                    #expect(try client.exchange(FastCGIBytes.request(keep: true)).status == 200)
                } else {
                    #expect(client.isClosedByServer())
                }
            }
            #expect(server.server.counts.refused == ["too_large": keep ? 2 : 1])
            #expect(try await server.answers())
        }
    }

    @Test("a body of many megabytes is answered 413 without being read to its end")
    func farTooLarge() async throws {
        let server = try TestServer()
        let head =
            FastCGIBytes.begin()
            + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs([("CONTENT_LENGTH", "100000000")]))
        try await server.withClient { (client) throws in
            #expect(try client.exchange(head + FastCGIBytes.record(type: 5, content: [1, 2, 3])).status == 413)
            #expect(client.isClosedByServer())
        }
    }

    @Test("a malformed body over the limit is not answered")
    func tooLargeAndMalformed() async throws {
        let server = try TestServer()
        let head =
            FastCGIBytes.begin()
            + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs([("CONTENT_LENGTH", "70000")]))
        try await server.withClient { (client) throws in
            try client.send(head + FastCGIBytes.record(type: 5, content: [1]) + FastCGIBytes.record(type: 9, id: 0))
            #expect(client.isClosedByServer())
        }
        #expect(server.server.counts.refused == ["management_record": 1])
    }

    @Test("a request that does not arrive whole in time is dropped; an idle connection is not")
    func requestDeadline() async throws {
        let server = try TestServer(configuration: FastCGIConfiguration(requestDeadline: .milliseconds(100)))
        let address = server.address
        try await FastCGIClient.background { () throws in
            let idle = try FastCGIClient(address)
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).status == 200)
            let half = try FastCGIClient(address)
            try half.send(Array(FastCGIBytes.request().dropLast(3)))
            let skimmed = try FastCGIClient(address)
            let large = FastCGIBytes.request("POST", body: [UInt8](repeating: 1, count: 70_000))
            try skimmed.send(Array(large.dropLast(3)))
            #expect(half.isClosedByServer())
            #expect(skimmed.isClosedByServer())
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).status == 200)
        }
        #expect(server.server.counts.refused == ["request_deadline": 2])
    }

    @Test("a connection that stays idle too long is closed")
    func idleTimeout() async throws {
        let server = try TestServer(configuration: FastCGIConfiguration(idleTimeout: .milliseconds(50)))
        let address = server.address
        try await FastCGIClient.background { () throws in
            let fresh = try FastCGIClient(address)
            let used = try FastCGIClient(address)
            #expect(try used.exchange(FastCGIBytes.request(keep: true)).status == 200)
            #expect(fresh.isClosedByServer())
            #expect(used.isClosedByServer())
        }
        #expect(server.server.counts.refused.isEmpty)
    }

    @Test("a peer that leaves or stops sending within a request is dropped at once")
    func closedEarly() async throws {
        let server = try TestServer()
        let half = Array(FastCGIBytes.request().dropLast())
        try await server.withClient { (client) throws in
            try client.send(half)
            client.endSending()
            #expect(client.isClosedByServer())
        }
        try await server.withClient { try $0.send(half) }
        #expect(await eventually { server.server.counts.refused == ["closed_early": 2] })
        #expect(await eventually { server.server.counts.connections == 0 })
    }

    @Test(
        "a peer that leaves in flight cancels what only reads, not what has effects",
        arguments: ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
    func leavesInFlight(_ method: String) async throws {
        let cancelled = Tally()
        let finished = Tally()
        let latch = Latch()
        let server = try TestServer { request, loop in
            guard request.path != "/alive" else { return HTTPResponse(status: 200) }
            await withTaskCancellationHandler {
                await latch.wait()
            } onCancel: {
                cancelled.add()
                latch.open()
            }
            finished.add()
            return HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 100))
        }
        let client = try FastCGIClient(server.address)
        try client.send(FastCGIBytes.request(method, "/", keep: true))
        #expect(await eventually { latch.waiting == 1 })
        client.hangUp()
        #expect(await eventually { server.server.counts.connections == 0 })
        let isSafe = ["GET", "HEAD", "OPTIONS"].contains(method)
        #expect(cancelled.value == (isSafe ? 1 : 0))
        #expect(server.server.counts.inFlight == (isSafe ? 0 : 1) || isSafe)
        latch.open()
        #expect(await eventually { finished.value == 1 && server.server.counts.inFlight == 0 })
        #expect(try await server.answers())
    }

    @Test("a peer that has only ended its sending side gets its answer", arguments: ["/unix", "127.0.0.1:0"])
    func halfClosed(_ kind: String) async throws {
        let latch = Latch()
        let server = try TestServer(tcp: kind == "/unix" ? nil : kind) { request, _ in
            if request.path == "/wait" { await latch.wait() }
            return HTTPResponse(status: 200, body: [7])
        }
        try await server.withClient { (client) throws in
            try client.send(FastCGIBytes.request("GET", "/now", keep: true))
            client.endSending()
            #expect(try client.reply().body == [7])
            #expect(client.isClosedByServer())
        }
        let client = try FastCGIClient(server.address)
        try client.send(FastCGIBytes.request("GET", "/wait", keep: true))
        #expect(await eventually { latch.waiting == 1 })
        client.endSending()
        #expect(try await server.withClient { try $0.exchange(FastCGIBytes.request("GET", "/now")).status == 200 })
        latch.open()
        try await FastCGIClient.background { () throws in
            #expect(try client.reply().body == [7])
            #expect(client.isClosedByServer())
        }
    }

    @Test("a request sent before the answer to the one before is never served; the first still gets its answer")
    func pipelined() async throws {
        let latch = Latch()
        let handled = Tally()
        let server = try TestServer { _, _ in
            handled.add()
            await latch.wait()
            return HTTPResponse(status: 200, body: [7])
        }
        let client = try FastCGIClient(server.address)
        try client.send(FastCGIBytes.request(keep: true))
        #expect(await eventually { latch.waiting == 1 })
        try client.send(FastCGIBytes.request("POST", "/second", id: 2, keep: true))
        #expect(await eventually { server.server.counts.refused == ["pipelined": 1] })
        latch.open()
        try await FastCGIClient.background { () throws in
            #expect(try client.reply().body == [7])
            #expect(client.isClosedByServer())
        }
        #expect(handled.value == 1)
    }

    @Test("running out of descriptors pauses accepting, sheds what waits too long, and passes")
    func descriptorExhaustion() async throws {
        let exhausted = Atomic<Int>(0)
        let server = try ExhaustibleServer { exhausted.load(ordering: .relaxed) > 0 }
        #expect(try await server.answers())
        exhausted.store(1, ordering: .relaxed)
        let address = server.address
        let shed = try await FastCGIClient.background { () throws in
            let client = try FastCGIClient(address)
            return client.isClosedByServer()
        }
        #expect(shed)
        #expect(await eventually { server.server.counts.shed >= 1 })
        exhausted.store(0, ordering: .relaxed)
        #expect(try await server.answers())
    }

    @Test("above the limit of connections a new one waits until another has left")
    func connectionLimit() async throws {
        let server = try TestServer(
            configuration: FastCGIConfiguration(maxConnections: 1, acceptPause: .milliseconds(5)))
        let address = server.address
        try await FastCGIClient.background { () throws in
            let second: FastCGIClient
            do {
                let first = try FastCGIClient(address)
                #expect(try first.exchange(FastCGIBytes.request(keep: true)).status == 200)
                second = try FastCGIClient(address)
                try second.send(FastCGIBytes.request())
                #expect(throws: FastCGIClient.Failure.self) { try second.receive(timeout: 0.05) }
            }
            #expect(try second.reply().status == 200)
        }
    }

    @Test("a peer that is not on the list is dropped before it says anything")
    func peers() async throws {
        let other = try FastCGIConfiguration(
            peers: PeerPolicy(users: [getuid() &+ 1], networks: [AddressBlock("192.0.2.1")]))
        let own = try FastCGIConfiguration(
            peers: PeerPolicy(users: [getuid()], networks: [AddressBlock("127.0.0.0/8")]))
        for kind in [nil, "127.0.0.1:0"] {
            #expect(try await TestServer(tcp: kind, configuration: own).answers())
            let server = try TestServer(tcp: kind, configuration: other)
            #expect(try await server.withClient { $0.isClosedByServer() })
            #expect(server.server.counts.refused == ["peer": 1])
        }
    }
}
