import EventLoop
import FastCGI
import Glibc
import HTTPMessage
import TestSupport
import Testing

/// A restart: one server releases nginx's kept connections, the next one adopts them.
@Suite("FastCGI server: handover")
struct FastCGIHandoverTests {
    private static func server(_ name: UInt8, _ latch: Latch? = nil) throws -> TestServer {
        // Half a request has to outlive a machine that stands still.
        try TestServer(loops: 2, configuration: FastCGIConfiguration(requestDeadline: .seconds(60))) { request, _ in
            if request.path == "/wait" { await latch?.wait() }
            return HTTPResponse(status: 200, body: [name])
        }
    }

    @Test("an idle connection goes on with the next server, and so does what was sent in between")
    func idle() async throws {
        let old = try Self.server(1)
        let new = try Self.server(2)
        let address = old.address
        let clients = try await FastCGIClient.background { () throws in
            try (0..<5).map { _ in
                let client = try FastCGIClient(address)
                #expect(try client.exchange(FastCGIBytes.request(keep: true)).body == [1])
                return client
            }
        }
        let outcome = await old.server.handOver()
        #expect(outcome.cut == 0)
        #expect(outcome.released.count == 5)
        #expect(old.server.counts.connections == 0)
        for client in clients.prefix(3) { try client.send(FastCGIBytes.request("POST", keep: true)) }
        new.server.adopt(outcome.released)
        try await FastCGIClient.background { () throws in
            for client in clients.prefix(3) { #expect(try client.reply().body == [2]) }
            for client in clients { #expect(try client.exchange(FastCGIBytes.request(keep: true)).body == [2]) }
        }
        #expect(new.server.counts.connections == 5)
    }

    @Test("half a request is finished by the next server")
    func half() async throws {
        let old = try Self.server(1)
        let new = try Self.server(2)
        let bytes = FastCGIBytes.request("POST", keep: true)
        let client = try FastCGIClient(old.address)
        try client.send(Array(bytes.prefix(20)))
        #expect(await eventually { old.server.counts.connections == 1 })
        new.server.adopt(await old.server.handOver().released)
        try client.send(Array(bytes.dropFirst(20)))
        #expect(try await FastCGIClient.background { try client.reply().body } == [2])
    }

    @Test("what is in flight is answered by the old server, then its connection goes over too")
    func inFlight() async throws {
        let latch = Latch()
        let old = try Self.server(1, latch)
        let new = try Self.server(2)
        let kept = try FastCGIClient(old.address)
        let single = try FastCGIClient(old.address)
        try kept.send(FastCGIBytes.request("POST", "/wait", keep: true))
        try single.send(FastCGIBytes.request("POST", "/wait"))
        #expect(await eventually { latch.waiting == 2 })
        let drained = Task { await old.server.handOver() }
        let address = old.address
        #expect(await eventually { access(address, F_OK) != 0 })
        #expect(old.server.counts.inFlight == 2)
        latch.open()
        let outcome = await drained.value
        #expect(outcome.cut == 0)
        #expect(outcome.released.count == 1)
        new.server.adopt(outcome.released)
        try await FastCGIClient.background { () throws in
            #expect(try kept.reply().body == [1])
            #expect(try kept.exchange(FastCGIBytes.request(keep: true)).body == [2])
            #expect(try single.reply().body == [1])
            #expect(single.isClosedByServer())
        }
    }

    @Test("the deadline cuts what is still in flight, and keeps the rest")
    func deadline() async throws {
        let old = try Self.server(1, Latch())
        let idle = try FastCGIClient(old.address)
        let stuck = try FastCGIClient(old.address)
        try stuck.send(FastCGIBytes.request("POST", "/wait", keep: true))
        try await FastCGIClient.background { () throws in
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).body == [1])
        }
        #expect(await eventually { old.server.counts.inFlight == 1 })
        let outcome = await old.server.handOver(deadline: .milliseconds(50))
        #expect(outcome.cut == 1)
        #expect(outcome.released.count == 1)
        #expect(try await FastCGIClient.background { stuck.isClosedByServer() })
        for descriptor in outcome.released { close(descriptor) }
        #expect(try await FastCGIClient.background { idle.isClosedByServer() })
    }
}
