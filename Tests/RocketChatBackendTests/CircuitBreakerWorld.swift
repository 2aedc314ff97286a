import ChatBackend
import HTTPClient
import Logging
import Synchronization
import TestSupport

@testable import RocketChatBackend

/// An adapter whose time stands still until the test turns it, before a server that counts all calls.
final class CircuitBreakerWorld: Sendable {
    let backend: RocketChatBackend
    let log = NoticeRecorder()
    private let server: ScriptedHTTPServer
    private let loops: RunningLoops
    private let time: Time

    private final class Time: Sendable {
        let milliseconds = Mutex<Int64>(1_000_000)
    }

    private final class Count: Sendable {
        let calls = Mutex(0)
        func next() -> Int {
            calls.withLock { calls in
                calls += 1
                return calls - 1
            }
        }
    }

    init(
        url: String? = nil, credential: RocketChatCredential = ScriptedRocketChat.token,
        deadline: Duration = .seconds(10), _ route: @escaping ScriptedRocketChat.Route
    ) throws {
        let count = Count()
        server = try ScriptedHTTPServer { route($0, count.next()) }
        loops = try RunningLoops()
        var configuration = RocketChatConfiguration(url: url ?? server.url, credential: credential)
        configuration.deadline = deadline
        configuration.healthDeadline = deadline
        let time = Time()
        self.time = time
        let log = log
        backend = RocketChatBackend(
            configuration: configuration, client: HTTPClient(loop: loops.loop),
            logger: Logger(label: "test") { _ in log },
            clock: RocketChatClock(uptime: { time.milliseconds.withLock { $0 } }, wall: { ScriptedRocketChat.wall }))
    }

    /// How many calls have reached the server.
    var calls: Int { server.requests.count }

    /// Lets time pass.
    func turn(milliseconds: Int64) { time.milliseconds.withLock { $0 += milliseconds } }

    /// A call, and what it threw.
    func health() async -> ChatBackendError? {
        await failure { () async throws(ChatBackendError) in try await backend.health() }
    }
}
