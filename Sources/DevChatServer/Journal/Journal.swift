/// Everything that happened, in order, the latest entries of it.
struct Journal: Sendable {
    private let limit: Int
    private var kept: [JournalEntry] = []
    private var first = 0
    /// The number of the latest entry; 0 when there is none yet.
    private(set) var last = 0

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    mutating func record(_ kind: String, at: Timestamp, _ fields: [String: JSON]) {
        last += 1
        kept.append(JournalEntry(number: last, at: at, kind: kind, fields: fields))
        if kept.count - first > limit { first += 1 }
        if first > limit {
            kept.removeFirst(first)
            first = 0
        }
    }

    /// The number of the oldest entry that is kept; one more than `last` when there is none.
    var oldest: Int { last - (kept.count - first) + 1 }

    /// Up to `count` kept entries with higher numbers than that, oldest first.
    func entries(after number: Int, count: Int) -> ArraySlice<JournalEntry> {
        let start = min(kept.count, first + max(0, min(max(0, number), last) - oldest + 1))
        return kept[start...].prefix(max(0, count))
    }
}
