/// A message's place in the total order of a room: by time, then by id. Servers sort by time only; equal times are
/// common where a program writes several messages at once.
struct HistoryPosition: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970.
    var time: Int64
    /// The message's id, compared byte by byte.
    var id: String

    /// Older messages are less.
    static func < (a: HistoryPosition, b: HistoryPosition) -> Bool {
        a.time != b.time ? a.time < b.time : a.id.utf8.lexicographicallyPrecedes(b.id.utf8)
    }
}
