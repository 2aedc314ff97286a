/// When to look for deadlines that have passed: once for all that are due at about the same time, so that connections
/// that lie idle for minutes wake nobody in between. Nanoseconds of one clock.
struct DeadlineWatch {
    /// When to look next; nil for never.
    private(set) var due: UInt64?

    /// How late a deadline may be noticed that is so far away: an eighth of it; half a second at most, unless it is an
    /// idle connection's.
    static func slack(_ duration: UInt64, isIdle: Bool = false) -> UInt64 {
        let eighth = max(duration / 8, 10_000_000)
        return isIdle ? eighth : min(eighth, 500_000_000)
    }

    /// Minds one more deadline.
    ///
    /// - Returns: whether ``due`` has come closer.
    mutating func mind(_ deadline: UInt64, slack: UInt64) -> Bool {
        let latest = deadline &+ slack
        if let due, due <= latest { return false }
        due = latest
        return true
    }

    /// The look has been taken: of what it left, all deadlines have to be minded again.
    mutating func look() { due = nil }
}
