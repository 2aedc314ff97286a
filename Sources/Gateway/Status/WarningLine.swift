/// A line of the log taken apart for people: `time=2026-11-24T02:17:40.998Z level=warning msg="…" logger=customersd
/// route=…`.
struct WarningLine: Equatable {
    /// `02:17:40`, or "".
    var time = ""
    /// `warning`, or "".
    var level = ""
    /// The message and what follows it.
    var text: String

    init(_ line: String) {
        var rest = line[...]
        if let value = Self.take("time", from: &rest) {
            time = String(value.drop { $0 != "T" }.dropFirst().prefix(8))
        }
        if let value = Self.take("level", from: &rest) { level = value }
        text = rest.split(separator: " logger=customersd", maxSplits: 1, omittingEmptySubsequences: false).joined()
        if text.hasPrefix("msg=") { text.removeFirst(4) }
        // The quotes of a message that is followed by nothing more than itself.
        if text.hasPrefix("\""), let end = text.dropFirst().lastIndex(of: "\""),
            end == text.index(before: text.endIndex),
            !text.dropFirst().dropLast().contains("\"")
        {
            text = String(text.dropFirst().dropLast())
        }
    }

    /// The value of a field without quotes that the line begins with.
    private static func take(_ name: String, from line: inout Substring) -> String? {
        guard line.hasPrefix(name + "=") else { return nil }
        let field = line.prefix { $0 != " " }
        line = line.dropFirst(field.count).drop { $0 == " " }
        return String(field.dropFirst(name.count + 1))
    }
}
