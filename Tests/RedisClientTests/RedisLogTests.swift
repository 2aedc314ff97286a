import EventLoop
import Logging
@testable import RedisClient
import Testing
import TestSupport

@Suite("What is said of Redis in the log")
struct RedisLogTests {
    private let recorder = LogRecorder()
    private var log: RedisLog { RedisLog(Logger(label: "redis") { [recorder] _ in recorder }) }

    /// As many clients as a daemon has loops, all to one server, with a subscription each.
    private func clients(_ loops: RunningLoops, at socket: String, log: RedisLog) -> [RedisClient] {
        loops.group.loops.dropFirst().map { RedisClient(loop: $0, configuration: Self.configuration(socket), log: log) }
    }

    private static func configuration(_ socket: String) -> RedisConfiguration {
        var configuration = RedisConfiguration(endpoint: .unix(path: socket))
        configuration.commandDeadline = .seconds(30)
        configuration.connectDeadline = .seconds(30)
        configuration.backoffCeiling = .milliseconds(20)
        return configuration
    }

    @Test("an outage is one line for all loops of a program, and so is its end")
    func once() async throws {
        let loops = try RunningLoops(count: 4)
        let server = try await RedisServer()
        let clients = clients(loops, at: server.socket, log: log)
        defer { for client in clients { client.stop() } }
        let subscriptions = clients.map { $0.subscribe(channel: "news") }
        func areUp() async -> Bool {
            for client in clients where await !client.currentStatus().isConnected { return false }
            return subscriptions.allSatisfy(\.isUp)
        }
        for client in clients { client.start() }
        try await eventually("all are up") { await areUp() }
        for _ in 0..<2 {
            try await server.kill()
            // Each has lost its connection and has failed to get another one.
            for client in clients {
                try await eventually("it fails to connect") {
                    await client.currentStatus().lastError?.contains("refused") == true
                }
            }
            try await server.start()
            try await eventually("all are up again") { await areUp() }
        }
        for subscription in subscriptions { subscription.cancel() }
        let lines = recorder.lines
        #expect(lines.count { $0.hasPrefix("info: Redis connected") } == 3, "\(lines)")
        #expect(lines.count { $0.contains("connection lost") } == 2, "\(lines)")
        #expect(lines.count { $0.contains("not reachable") } == 2, "\(lines)")
    }

    @Test("another reason and another server are news; the end is told when nothing is missing any more")
    func news() {
        let log = log
        let (first, second) = (Connection(), Connection())
        log.connected(first, to: "a", "a is up")
        log.connected(second, to: "a", "a is up again")
        for connection in [first, second, first] {
            log.failed(connection, to: "a", "no a")
            log.failed(connection, to: "a", "a refuses", level: .error)
        }
        log.failed(first, to: "b", "no b")
        log.connected(first, to: "a", "not yet")
        log.connected(second, to: "a", "a is back")
        log.connected(second, to: "a", "no news")
        log.failed(first, to: "a", "no a")
        log.failed(second, to: "a", "no a")
        log.forget(first, to: "a")
        log.connected(second, to: "a", "a is back")
        for number in 0..<100 { log.failed(first, to: "c", "reason \(number)") }
        for _ in 0..<2 { log.warnOnce("unwise") }
        let told = recorder.lines
        #expect(
            told.prefix(7) == [
                "info: a is up", "warning: no a", "error: a refuses", "warning: no b", "info: a is back",
                "warning: no a",
                "info: a is back",
            ])
        #expect(told.count == 7 + 16 + 1)
        #expect(told.last == "warning: unwise")
    }

    private final class Connection {}
}
