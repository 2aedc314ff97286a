import EventLoop
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Watchdog")
struct WatchdogTests {
    @Test("it is fed while all loops turn, and not while one of them is stuck")
    func loops() async throws {
        let socket = try NotifySocket()
        let manager = ServiceManager(environment: socket.environment(["WATCHDOG_USEC": "30000"]))
        let running = try RunningLoops(count: 2)
        let loops = running.group.loops
        let watchdog = try #require(
            Watchdog(
                loops: loops, serviceManager: manager, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        await watchdog.turn()
        for _ in 0..<3 { #expect(await socket.gets("WATCHDOG=1")) }

        let held = Atomic<Bool>(true)
        let isHeld = Atomic<Bool>(false)
        loops[1].execute {
            isHeld.store(true, ordering: .releasing)
            while held.load(ordering: .acquiring) { usleep(1_000) }
        }
        while !isHeld.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
        // What was asked before may still be signed.
        for _ in 0..<5 { try await loops[0].sleep(for: .milliseconds(10)) }
        while socket.next() != nil {}
        // Many rounds of the other loop.
        for _ in 0..<20 { try await loops[0].sleep(for: .milliseconds(10)) }
        #expect(socket.next() == nil)
        held.store(false, ordering: .releasing)
        #expect(await socket.gets("WATCHDOG=1"))
    }

    @Test("without a watchdog there is none to feed")
    func absent() throws {
        let socket = try NotifySocket()
        let running = try RunningLoops(count: 1)
        #expect(
            Watchdog(
                loops: running.group.loops, serviceManager: ServiceManager(environment: socket.environment()),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) == nil)
    }
}
