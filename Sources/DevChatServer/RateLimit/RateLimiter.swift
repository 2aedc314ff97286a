/// Counts calls in windows of fixed length that start with a key's first call, as Meteor's limiter does
/// (contract sheet, section 1.4).
struct RateLimiter: Sendable {
    /// What the limiter knows about a call it has counted.
    struct Verdict: Sendable, Equatable {
        var allowed: Bool
        var limit: Int
        var remaining: Int
        /// When the window ends.
        var reset: Timestamp
    }

    private struct Window {
        var start: Timestamp
        var calls = 0
    }

    private let limit: Int
    private let interval: Int
    private var windows: [String: Window] = [:]

    /// A limit of 0 never counts.
    init(limit: Int, interval: Int) {
        self.limit = limit
        self.interval = interval
    }

    /// Counts one call; nil when the limiter is off.
    mutating func count(_ key: String, now: Timestamp) -> Verdict? {
        guard limit > 0 else { return nil }
        if windows.count > 50_000 { windows = windows.filter { now < $0.value.start.advanced(by: interval) } }
        var window = windows[key] ?? Window(start: now)
        if now >= window.start.advanced(by: interval) { window = Window(start: now) }
        window.calls = min(window.calls + 1, limit + 1)
        windows[key] = window
        return Verdict(
            allowed: window.calls <= limit, limit: limit, remaining: max(0, limit - window.calls),
            reset: window.start.advanced(by: interval))
    }
}

extension RateLimiter.Verdict {
    /// The three headers of a limited reply; the reset is in epoch milliseconds.
    var headers: [(name: String, value: String)] {
        [
            ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", String(remaining)),
            ("X-RateLimit-Reset", String(reset.milliseconds)),
        ]
    }

    /// Whole seconds a refused caller is told to wait.
    func secondsToWait(now: Timestamp) -> Int {
        max(1, (reset.milliseconds - now.milliseconds + 999) / 1000)
    }
}
