/// Says whether work waits so long that new work is better turned away: by how long, not by how much of it
/// (CoDel, RFC 8289: a queue that empties now and then is a burst, one that does not is a load).
///
/// Times are milliseconds of a clock that never goes back.
struct QueueDelay {
    /// What a queue may take without anybody being turned away.
    let target: Int64
    /// For so long it may be more: a burst.
    static let interval: Int64 = 500

    private var aboveSince: Int64?
    private var lastSample: Int64?
    private var lastRefusal: Int64?

    /// Starts with an empty queue.
    init(target: Int64) { self.target = target }

    /// Takes how long work waits now, and says whether more may come.
    mutating func admits(delay: Int64, at now: Int64) -> Bool {
        // Nobody came for a while: what was known is no longer so.
        if let lastSample, now - lastSample > Self.interval { aboveSince = nil }
        lastSample = now
        guard delay > target else {
            aboveSince = nil
            return true
        }
        let since = aboveSince ?? now
        aboveSince = since
        // Who has just been turned away has shown that it is a load: no grace this time.
        let isKnown = lastRefusal.map { now - $0 <= 2 * Self.interval } ?? false
        guard isKnown || now - since >= Self.interval else { return true }
        lastRefusal = now
        return false
    }
}
