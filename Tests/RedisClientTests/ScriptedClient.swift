import EventLoop
import Logging
import RedisClient
import Synchronization
import TestSupport

/// A client against a scripted server, stopped when the test lets go of it.
final class ScriptedClient: Sendable {
    let loops: RunningLoops
    let server: ScriptedRedis
    let client: RedisClient
    let log = LogRecorder()

    /// The deadlines are long by default, so that a slow machine does not look like a silent server.
    init(
        credential: RedisCredential? = nil, database: Int = 0, configure: (inout RedisConfiguration) -> Void,
        answer: @escaping @Sendable (ScriptedRedis.Command) -> ScriptedRedis.Answer = { _ in .usual }
    ) throws {
        loops = try RunningLoops()
        server = try ScriptedRedis(answer: answer)
        var configuration = RedisConfiguration(
            endpoint: .unix(path: server.socket), database: database, credential: credential)
        configuration.commandDeadline = .seconds(30)
        configuration.connectDeadline = .seconds(30)
        configuration.healthInterval = .seconds(30)
        configure(&configuration)
        let log = log
        client = RedisClient(
            loop: loops.loop, configuration: configuration, logger: Logger(label: "redis") { _ in log })
    }

    convenience init(
        credential: RedisCredential? = nil, database: Int = 0,
        answer: @escaping @Sendable (ScriptedRedis.Command) -> ScriptedRedis.Answer = { _ in .usual }
    ) throws {
        try self.init(credential: credential, database: database, configure: { _ in }, answer: answer)
    }

    deinit { client.stop() }

    /// How a command fails; nil when it succeeds.
    func failure(_ arguments: RedisArgument...) async -> RedisError? {
        do throws(RedisError) {
            _ = try await client.send(arguments)
            return nil
        } catch {
            return error
        }
    }
}

/// Keeps log lines for a test.
final class LogRecorder: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    /// All lines: level and message.
    var lines: [String] { recorded.withLock { $0 } }

    func log(event: LogEvent) { recorded.withLock { $0.append("\(event.level): \(event.message)") } }
}
