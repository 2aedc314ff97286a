/// Tells when nobody wants anything: nobody is connected, or those who are have not asked for some seconds. nginx keeps
/// idle connections for a minute, and thousands of them are no reason to be awake.
struct Stillness {
    private var arrivals = 0
    private var lastSeen: UInt64 = 0

    /// Without a request for so long, in nanoseconds, connections count as idle.
    static let patience: UInt64 = 5_000_000_000

    /// Looks again.
    ///
    /// - Parameters:
    ///   - arrivals: connections and requests that have come so far.
    ///   - inFlight: requests that are not answered yet.
    ///   - isDeserted: whether nobody is connected.
    ///   - now: monotonic nanoseconds.
    /// - Returns: whether nobody wants anything.
    mutating func isStill(arrivals: Int, inFlight: Int, isDeserted: Bool, now: UInt64) -> Bool {
        if arrivals != self.arrivals || inFlight > 0 {
            self.arrivals = arrivals
            lastSeen = now
        }
        return inFlight == 0 && (isDeserted || now &- lastSeen >= Self.patience)
    }
}
