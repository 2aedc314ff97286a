internal import ChatBackend
internal import Logging
internal import Metrics
internal import Synchronization

/// The circuit breaker of one adapter, and so of one loop: lets calls through or fails them, and tells the log and the
/// metrics when it opens and closes.
final class CircuitBreakerGuard: Sendable {
    private let clock: RocketChatClock
    private let logger: Logger
    private let breaker = Mutex(CircuitBreaker())
    private let openings = Counter(label: "customersd_chat_breaker_opened_total")

    init(clock: RocketChatClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// Open, closed, or just finding out.
    var state: CircuitBreakerState {
        let now = clock.uptime()
        return breaker.withLock { $0.state(at: now) }
    }

    /// Lets a call through.
    ///
    /// - Throws: `unavailable` at once while the server is left alone; the call has no effect then.
    func enter() throws(RocketChatFailure) -> CircuitBreaker.Ticket {
        let now = clock.uptime()
        let (admission, reason) = breaker.withLock { ($0.admit(at: now), $0.reason) }
        switch admission {
        case .pass(let ticket): return ticket
        case .refused(let milliseconds):
            let seconds = (milliseconds + 999) / 1_000
            throw RocketChatFailure(
                error: .unavailable("asked again in \(seconds) s; the last call: \(reason ?? "-")", mayHaveRun: false))
        }
    }

    /// Whether the call may be sent again.
    func mayRepeat(_ ticket: CircuitBreaker.Ticket) -> Bool { breaker.withLock { $0.mayRepeat(ticket) } }

    /// Takes what became of a call; once for each that was let through.
    func leave(_ ticket: CircuitBreaker.Ticket, _ verdict: CircuitBreaker.Verdict) {
        let now = clock.uptime()
        switch breaker.withLock({ $0.finish(ticket, verdict, at: now) }) {
        case nil: break
        case .opened(let reason):
            openings.increment()
            logger.notice(
                "the chat server is left alone but for one call a second", metadata: ["reason": "\(reason)"])
        case .closed(let milliseconds):
            logger.notice(
                "the chat server answers again",
                metadata: ["reason": "a call was answered", "after_ms": "\(milliseconds)"])
        }
    }
}
