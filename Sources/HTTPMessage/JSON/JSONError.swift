/// Why a text is not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte at which the text stops being JSON, counted from 0. For bad UTF-8 the start of the string that has it.
    public var offset: Int
    /// What is wrong, in a few words that quote nothing of the text.
    public var reason: String

    /// Makes an error.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// `unexpected end at byte 12`.
    public var description: String { "\(reason) at byte \(offset)" }
}
