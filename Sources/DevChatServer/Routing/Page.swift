/// `offset` and `count` of a list (contract sheet, section 1.7): 50 unless asked, never more than 100, 0 is all.
struct Page: Sendable, Equatable {
    var offset: Int
    var count: Int

    static let cap = 100

    init(_ call: RESTCall, defaultCount: Int = 50, capped: Bool = true) {
        let asked = call.number("count") ?? defaultCount
        offset = max(0, call.number("offset") ?? 0)
        count = asked == 0 ? .max : capped ? min(max(0, asked), Self.cap) : max(0, asked)
    }

    /// The page's part of the whole.
    func slice<Whole: RandomAccessCollection>(_ whole: Whole) -> Whole.SubSequence {
        whole.dropFirst(offset).prefix(count)
    }

    /// The page under a name, with the three figures Rocket.Chat adds.
    func reply<Whole: RandomAccessCollection>(
        _ name: String, _ whole: Whole, _ json: (Whole.Element) -> JSON
    ) -> [String: JSON] {
        let part = slice(whole)
        return [
            name: .array(part.map(json)), "count": .int(part.count), "offset": .int(offset),
            "total": .int(whole.count),
        ]
    }
}
