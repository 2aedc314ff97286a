internal import Glibc

/// How far a server's clock is from ours, as its `Date` field says (RFC 9110, section 5.6.7).
struct ClockSkew {
    /// Positive when the server is ahead.
    let seconds: Int64

    /// nil for a field that is missing or not understood.
    init?(date: String?, now: Int64) {
        // `Tue, 24 Nov 2026 02:50:05 GMT`
        let words = date?.split(separator: " ") ?? []
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
            let month = Self.months.firstIndex(of: words[2]),
            let year = Int32(words[3]), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":").map { Int32($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        var parts = tm()
        (parts.tm_mday, parts.tm_mon, parts.tm_year) = (day, Int32(month), year - 1_900)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        seconds = Int64(timegm(&parts)) - now
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    var finding: RocketChatFinding {
        // A second is what the field's resolution and the way take.
        guard abs(seconds) > 5 else { return .good("the chat server's clock agrees with ours") }
        return .warning(
            "the chat server's clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") ours",
            "keep both with NTP: timedatectl set-ntp true")
    }
}
