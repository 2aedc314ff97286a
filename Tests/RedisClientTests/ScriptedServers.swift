import EventLoop
import Logging
import RedisClient
import Synchronization
import TestSupport

/// Several scripted servers on ports of 127.0.0.1, and a client that is told of the first few.
final class ScriptedServers: Sendable {
    /// A command and the server that it came to.
    struct Arrival: Sendable {
        var server: Int
        var command: ScriptedRedis.Command
        /// The ports of all servers.
        var ports: [UInt16]
    }

    let loops: RunningLoops
    let servers: [ScriptedRedis]
    let client: RedisClient
    let log = LogRecorder()

    init(
        count: Int, url: ([UInt16]) -> String, configure: (inout RedisConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable (Arrival) -> ScriptedRedis.Answer
    ) throws {
        loops = try RunningLoops()
        let ports = SharedPorts()
        var servers: [ScriptedRedis] = []
        for number in 0..<count {
            servers.append(
                try ScriptedRedis(tcp: true) { command in
                    answer(Arrival(server: number, command: command, ports: ports.all.withLock { $0 }))
                })
        }
        self.servers = servers
        let known = servers.map(\.port)
        ports.all.withLock { $0 = known }
        var configuration = try RedisConfiguration(url: url(known))
        configuration.commandDeadline = .seconds(30)
        configuration.connectDeadline = .seconds(30)
        configuration.healthInterval = .seconds(30)
        configuration.sentinelInterval = .seconds(30)
        configuration.askDeadline = .seconds(30)
        configure(&configuration)
        let log = log
        client = RedisClient(
            loop: loops.loop, configuration: configuration, logger: Logger(label: "redis") { _ in log })
    }

    deinit { client.stop() }

    private final class SharedPorts: Sendable { let all = Mutex<[UInt16]>([]) }

    /// The names of what a server has received, without what belongs to connecting and asking around.
    func received(_ server: Int) -> [[String]] {
        servers[server].received.map(\.words).filter { !["PING", "ROLE", "CLUSTER", "SENTINEL"].contains($0[0]) }
    }

    func failure(_ arguments: RedisArgument...) async -> RedisError? {
        do throws(RedisError) {
            _ = try await client.send(arguments)
            return nil
        } catch {
            return error
        }
    }

    /// Sends until it works.
    func sendUntilAnswered(_ arguments: RedisArgument...) async throws -> RedisReply {
        while true {
            do throws(RedisError) {
                return try await client.send(arguments)
            } catch {
                try await loops.loop.sleep(for: .milliseconds(2))
            }
        }
    }

    static func text(_ text: some CustomStringConvertible) -> String {
        "$\(text.description.utf8.count)\r\n\(text)\r\n"
    }
}
