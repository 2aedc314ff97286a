internal import Synchronization

/// Counts calls that fail for want of a good token, signature, key or room: who guesses is told to stop. One a loop.
///
/// The count is the fleet's; what a loop learns of it is who may not fail any more for a while. So a call that succeeds
/// costs nothing and always does succeed, from whatever address: only failures are refused.
public final class FailedCalls: Sendable {
    private struct State {
        /// Who may not fail, and until when, in Unix milliseconds.
        var refused: [String: Int64] = [:]
        /// Counts that are on their way.
        var counting = 0
    }

    private let limiter: any RateLimiter
    private let limit: RateLimit?
    private let executor: (any TaskExecutor)?
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// More are not counted at a time: a flood of failures is not to become one of commands.
    private static let mostCounting = 64
    /// More than this are forgotten together.
    private static let mostRefused = 10_000

    /// Makes a counter; nil counts nothing.
    ///
    /// - Parameters:
    ///   - limiter: counts over all gateways.
    ///   - limit: failures of one caller.
    ///   - executor: where counting runs.
    ///   - now: Unix milliseconds.
    public init(
        limiter: any RateLimiter, limit: RateLimit?, executor: (any TaskExecutor)?,
        now: @escaping @Sendable () -> Int64
    ) {
        self.limiter = limiter
        self.limit = limit
        self.executor = executor
        self.now = now
    }

    /// Counts a failure of somebody, in the background.
    ///
    /// - Returns: nil when they may fail, else the seconds until they may again.
    public func note(_ caller: String) -> Int? {
        guard let limit else { return nil }
        let now = now()
        let (wait, counts) = state.withLock { state -> (Int64, Bool) in
            if let until = state.refused[caller] {
                guard until <= now else { return (until - now, false) }
                state.refused[caller] = nil
            }
            guard state.counting < Self.mostCounting else { return (0, false) }
            state.counting += 1
            return (0, true)
        }
        if counts { Task(executorPreference: executor) { await self.count(caller, limit) } }
        return wait > 0 ? Int((wait + 999) / 1_000) : nil
    }

    private func count(_ caller: String, _ limit: RateLimit) async {
        // A store that is away counts nothing; the failure has been answered as what it is.
        let wait = try? await limiter.take("failed:\(caller)", limit: limit)
        let now = now()
        state.withLock { state in
            state.counting -= 1
            guard let seconds = wait ?? nil else { return }
            if state.refused.count >= Self.mostRefused { state.refused.removeAll(keepingCapacity: true) }
            state.refused[caller] = now + Int64(seconds) * 1_000
        }
    }
}
