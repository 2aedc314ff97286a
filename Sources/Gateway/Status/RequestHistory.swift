/// How many requests came in each of the last intervals, for the sparkline of the status page.
struct RequestHistory: Sendable {
    /// Seconds between two samples.
    static let interval = 5
    /// Ten minutes.
    static let capacity = 120

    /// Requests in each interval, the newest last.
    private(set) var counts: [Int] = []
    private var total: Int?

    /// Takes the number of all requests so far. The first sample only says where counting begins.
    mutating func sample(total: Int) {
        defer { self.total = total }
        guard let last = self.total else { return }
        if counts.count >= Self.capacity { counts.removeFirst(counts.count - Self.capacity + 1) }
        counts.append(max(0, total - last))
    }
}
