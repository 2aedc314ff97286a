import Foundation

/// A moment in whole milliseconds since 1970, as Rocket.Chat's dates have it.
struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    var milliseconds: Int

    static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The system clock's present moment.
    static var now: Timestamp {
        Timestamp(milliseconds: Int((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// The moment that many milliseconds later.
    func advanced(by milliseconds: Int) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds &+ milliseconds)
    }

    /// ISO 8601 with milliseconds and `Z`, the REST form: `2026-11-01T14:57:56.037Z`.
    var iso: String {
        let (day, inDay) = milliseconds.quotientAndRemainder(flooredBy: 86_400_000)
        let (year, month, dayOfMonth) = Self.civil(fromDays: day)
        let (seconds, millis) = (inDay / 1000, inDay % 1000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let fraction = String(millis + 1000).dropFirst()
        return "\(String(year + 10_000).dropFirst())-\(two(month))-\(two(dayOfMonth))T\(two(seconds / 3600)):"
            + "\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)Z"
    }

    /// The websocket form: `{"$date": 1793545076037}`.
    var realtime: JSON {
        ["$date": .int(milliseconds)]
    }

    /// The date of a count of days since 1970, proleptic Gregorian calendar, years 0 to 9999.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.quotientAndRemainder(flooredBy: 146_097)
        let dayOfEra = era.remainder
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era.quotient * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Timestamp {
    /// Reads what JavaScript's `Date` would of the ISO forms clients send; nil for anything else.
    init?(iso text: String) {
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard text.utf8.count <= 40 else { return nil }
        if let date = (try? fractional.parse(text)) ?? (try? plain.parse(text)) {
            guard let milliseconds = Int(exactly: (date.timeIntervalSince1970 * 1000).rounded()) else { return nil }
            self.init(milliseconds: milliseconds)
        } else if let milliseconds = Int(text), text.utf8.count >= 10 {
            self.init(milliseconds: milliseconds)
        } else {
            return nil
        }
    }
}

extension Int {
    fileprivate func quotientAndRemainder(flooredBy divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
