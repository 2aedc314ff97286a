import EventLoop
import Logging
import RedisClient
import TestSupport

/// A client against a private redis-server, stopped when the test lets go of it.
final class RedisServerClient: Sendable {
    let loops: RunningLoops
    let server: RedisServer
    let client: RedisClient

    init(
        _ server: RedisServer? = nil, url: String? = nil, username: String = "", password: String = "",
        configure: (inout RedisConfiguration) -> Void = { _ in }
    ) async throws {
        loops = try RunningLoops()
        if let server { self.server = server } else { self.server = try await RedisServer() }
        var configuration = try RedisConfiguration(url: url ?? self.server.url, username: username, password: password)
        configuration.commandDeadline = .seconds(30)
        configuration.connectDeadline = .seconds(30)
        configure(&configuration)
        client = RedisClient(loop: loops.loop, configuration: configuration, logger: Logger(label: "redis"))
    }

    deinit { client.stop() }

    /// Sends until it works; the client connects again in the background.
    func sendUntilAnswered(_ arguments: [RedisArgument]) async throws -> RedisReply {
        while true {
            do throws(RedisError) {
                return try await client.send(arguments)
            } catch {
                try await loops.loop.sleep(for: .milliseconds(5))
            }
        }
    }

    func failure(_ arguments: RedisArgument...) async -> RedisError? {
        do throws(RedisError) {
            _ = try await client.send(arguments)
            return nil
        } catch {
            return error
        }
    }
}
