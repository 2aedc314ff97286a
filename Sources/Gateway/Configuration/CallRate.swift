/// So many calls in so long: `30/min`, `5/10min`.
public struct CallRate: Sendable, Hashable {
    /// Calls a period, 1–1,000,000; also the burst.
    public var count: Int
    /// The period: 1 s to 24 h.
    public var seconds: Int

    /// Makes a rate.
    public init(count: Int, seconds: Int) {
        self.count = count
        self.seconds = seconds
    }

    static let expectation = "a rate such as 30/min, 5/s or 1000/h with a count up to 1000000, or off"

    /// Reads a rate; `.some(nil)` for `0` and `off`, which is no limit, and nil for anything else.
    static func parse(_ text: String) -> CallRate?? {
        if text == "0" || text == "off" { return .some(nil) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let units = ["s": 1, "sec": 1, "min": 60, "m": 60, "h": 3_600, "hour": 3_600]
        guard parts.count == 2, parts[0].allSatisfy(\.isNumber), let count = Int(parts[0]),
            (1...1_000_000).contains(count)
        else { return nil }
        let number = parts[1].prefix(while: \.isNumber)
        guard let unit = units[String(parts[1].dropFirst(number.count))], let times = number.isEmpty ? 1 : Int(number),
            (1...86_400 / unit).contains(times)
        else { return nil }
        return .some(CallRate(count: count, seconds: unit * times))
    }
}
