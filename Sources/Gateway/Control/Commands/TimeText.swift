internal import Glibc

/// Times for people.
enum TimeText {
    /// `2026-11-24 01:02:03 UTC`.
    static func utc(seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "-" }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `3 min`, from Unix milliseconds until now.
    static func age(milliseconds: Int64, now: Int64) -> String {
        StatusPage.duration(Int(max(0, now - milliseconds) / 1_000))
    }
}
