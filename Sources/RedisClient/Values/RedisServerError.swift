/// An error reply, as the server worded it.
public struct RedisServerError: Sendable, Equatable, CustomStringConvertible {
    /// What kind it is.
    public let prefix: RedisErrorPrefix
    /// The whole text, prefix included, at most 512 bytes; arguments that Redis echoes are cut off.
    public let message: String

    /// Sorts a reply's text by its first word.
    public init(message: String) {
        // "unknown command 'X', with args beginning with: …" would carry keys and tokens into logs.
        let text =
            message.firstRange(of: ", with args beginning with").map { message[..<$0.lowerBound] } ?? message[...]
        self.message = text.utf8.count <= 512 ? String(text) : String(text.prefix(512))
        let word = text.prefix { $0 != " " }
        prefix = RedisErrorPrefix(rawValue: String(word)) ?? .other
    }

    /// The server's text.
    public var description: String { message }
}
