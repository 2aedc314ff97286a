/// How many requests came in each of the last intervals, for the sparkline of the status page.
struct RequestHistory: Sendable {
    /// Seconds of an interval.
    static let interval = 5
    /// Ten minutes.
    static let capacity = 120

    /// Requests in each interval, the newest last.
    private(set) var counts: [Int] = []
    private var last: (total: Int, time: UInt64)?

    /// Takes the number of all requests so far. The first sample only says where counting begins; one that comes late
    /// fills the intervals before with nothing, one that comes too early is left out.
    ///
    /// - Parameters:
    ///   - total: all requests.
    ///   - time: monotonic nanoseconds.
    mutating func sample(total: Int, at time: UInt64) {
        guard let last else { return self.last = (total, time) }
        let nanoseconds = UInt64(Self.interval) * 1_000_000_000
        // A timer may be a little early.
        let intervals = (time &- min(last.time, time) &+ nanoseconds / 2) / nanoseconds
        guard intervals > 0 else { return }
        self.last = (total, time)
        counts += Array(repeating: 0, count: min(Int(clamping: intervals), Self.capacity) - 1)
        counts.append(max(0, total - last.total))
        counts.removeFirst(max(0, counts.count - Self.capacity))
    }
}
