import EventLoop
import Logging
import RedisClient
import TestSupport

/// A client with the usual deadlines on a loop of its own, stopped when the test lets go of it.
final class RedisTopologyClient: Sendable {
    let loops: RunningLoops
    let client: RedisClient

    init(url: String, configure: (inout RedisConfiguration) -> Void = { _ in }) throws {
        loops = try RunningLoops()
        var configuration = try RedisConfiguration(url: url)
        // A machine that runs all tests at once is slower than a network.
        configuration.commandDeadline = .seconds(1)
        configuration.connectDeadline = .seconds(1)
        configuration.askDeadline = .seconds(1)
        configure(&configuration)
        client = RedisClient(
            loop: loops.loop, configuration: configuration,
            logger: Logger(label: "redis") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { client.stop() }

    /// Sends until it works; the client connects again in the background.
    @discardableResult
    func sendUntilAnswered(_ arguments: RedisArgument...) async throws -> RedisReply {
        while true {
            do throws(RedisError) {
                return try await client.send(arguments)
            } catch {
                try await loops.loop.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Returns when commands go to these ports of 127.0.0.1 and to no others.
    func waitForServers(_ ports: UInt16?...) async throws {
        let wanted = Set(ports.map { "127.0.0.1:\($0 ?? 0)" })
        while await Set(client.currentStatus().servers) != wanted {
            try await loops.loop.sleep(for: .milliseconds(5))
        }
    }
}
