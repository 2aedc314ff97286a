internal import EventLoop
internal import RedisClient

/// How long work waits in a loop and for its store now: what ``Overload`` asks before each operation. A measurement
/// serves everybody who asks within the next milliseconds.
// @unchecked: what was measured is touched on the loop only.
final class LoopDelay: @unchecked Sendable {
    private let loop: EventLoop
    private let redis: RedisClient
    private var measured: UInt64 = 0
    private var turn = Duration.zero

    /// So long a measurement is good for, in nanoseconds.
    private static let lifetime: UInt64 = 5_000_000

    init(loop: EventLoop, redis: RedisClient) {
        self.loop = loop
        self.redis = redis
    }

    /// Milliseconds.
    func milliseconds() async -> Int64 {
        guard loop.inLoop else { return Int64(await measuredTurn() / .milliseconds(1)) }
        if measured == 0 || loop.now &- measured >= Self.lifetime {
            let latest = await measuredTurn()
            turn = latest
            measured = loop.now
        }
        return Int64(max(turn, redis.oldestWait) / .milliseconds(1))
    }

    /// A whole turn of the loop: jobs, sockets and timers that come first.
    private func measuredTurn() async -> Duration {
        let begun = loop.now
        try? await loop.sleep(for: .zero)
        return .nanoseconds(loop.now &- begun)
    }
}
