internal import FoundationEssentials

/// What a command of `customersctl` has to say, for people and for programs.
public struct Report: Sendable {
    /// Lines for a person, without the last line's end.
    public var text: String
    /// The same as JSON with sorted keys.
    public var json: String
    /// 0, or 1 when what was looked at is not as it should be.
    public var status: Int32

    init(_ text: String, _ value: some Encodable, status: Int32 = 0) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        self.text = text
        json = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
        self.status = status
    }
}
