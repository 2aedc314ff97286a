internal import Glibc

/// The two clocks the adapter reads, so that tests can turn them.
struct RocketChatClock: Sendable {
    /// Milliseconds that only ever grow: for everything that lasts.
    var uptime: @Sendable () -> Int64
    /// Milliseconds since 1970: the server names the end of a rate limit so.
    var wall: @Sendable () -> Int64

    static let system = RocketChatClock(uptime: { read(CLOCK_MONOTONIC) }, wall: { read(CLOCK_REALTIME) })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec) / 1_000_000
    }
}

extension Duration {
    /// Rounded down; what is longer than ten years counts as ten.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(max(seconds, 0), 315_360_000) * 1_000 + max(attoseconds, 0) / 1_000_000_000_000_000
    }
}
