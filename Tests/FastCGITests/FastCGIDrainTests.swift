import EventLoop
import FastCGI
import Glibc
import HTTPMessage
import Synchronization
import TestSupport
import Testing

@Suite("FastCGI server: drain")
struct FastCGIDrainTests {
    @Test("a drain waits for what is in flight, accepts nothing new, and closes idle connections last")
    func drain() async throws {
        let latch = Latch()
        // The loop that has the idle connection alone waits only so long for its last request.
        let server = try TestServer(loops: 2, configuration: FastCGIConfiguration(drainQuiet: .seconds(60))) {
            request, _ in
            if request.path == "/wait" { await latch.wait() }
            return HTTPResponse(status: 200, body: [1])
        }
        let address = server.address
        let idle = try FastCGIClient(address)
        let waiting = try FastCGIClient(address)
        try waiting.send(FastCGIBytes.request("POST", "/wait", keep: true))
        try await FastCGIClient.background { () throws in
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).status == 200)
        }
        #expect(await eventually { latch.waiting == 1 })
        let drained = Task { await server.server.drain() }
        #expect(await eventually { access(address, F_OK) != 0 })
        #expect(throws: FastCGIClient.Failure.self) { try FastCGIClient(address) }
        // A kept connection is still served, once.
        try await FastCGIClient.background { () throws in
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).status == 200)
            #expect(idle.isClosedByServer())
        }
        #expect(server.server.counts.inFlight == 1)
        latch.open()
        try await FastCGIClient.background { () throws in
            #expect(try waiting.reply().body == [1])
            #expect(waiting.isClosedByServer())
        }
        #expect(await drained.value == 0)
        #expect(server.server.counts.connections == 0)
    }

    @Test("a drain with idle connections only closes them once they are quiet")
    func idleOnly() async throws {
        let server = try TestServer(configuration: FastCGIConfiguration(drainQuiet: .milliseconds(20)))
        let idle = try FastCGIClient(server.address)
        try await FastCGIClient.background { () throws in
            #expect(try idle.exchange(FastCGIBytes.request(keep: true)).status == 200)
        }
        #expect(await server.server.drain() == 0)
        #expect(try await FastCGIClient.background { idle.isClosedByServer() })
    }

    @Test("what is in flight at the deadline is cut, cancelled and counted")
    func deadline() async throws {
        let cancelled = Tally()
        let server = try TestServer { _, loop in
            do { try await loop.sleep(for: .seconds(60)) } catch { cancelled.add() }
            return HTTPResponse(status: 200)
        }
        let client = try FastCGIClient(server.address)
        try client.send(FastCGIBytes.request("POST"))
        #expect(await eventually { server.server.counts.inFlight == 1 })
        #expect(await server.server.drain(deadline: .milliseconds(50)) == 1)
        #expect(try await FastCGIClient.background { client.isClosedByServer() })
        #expect(await eventually { cancelled.value == 1 && server.server.counts.inFlight == 0 })
    }

    @Test("connections that wait in the backlog when a drain begins are served")
    func backlog() async throws {
        let held = Atomic<Bool>(true)
        let server = try TestServer { _, _ in HTTPResponse(status: 200) }
        let address = server.address
        // While its thread is held, the loop cannot accept.
        server.loops.loop.execute { while held.load(ordering: .acquiring) { usleep(1_000) } }
        let clients = try await FastCGIClient.background { () throws in
            try (0..<5).map { _ in
                let client = try FastCGIClient(address)
                try client.send(FastCGIBytes.request())
                return client
            }
        }
        let drained = Task { await server.server.drain() }
        held.store(false, ordering: .releasing)
        try await FastCGIClient.background { () throws in
            for client in clients { #expect(try client.reply().status == 200) }
        }
        #expect(await drained.value == 0)
    }

    @Test("a server that is released closes its connections")
    func released() async throws {
        let client: FastCGIClient
        let loops: RunningLoops
        do {
            let server = try TestServer()
            loops = server.loops
            client = try FastCGIClient(server.address)
            #expect(await eventually { server.server.counts.connections == 1 })
        }
        #expect(try await FastCGIClient.background { client.isClosedByServer() })
        _ = loops
    }
}
