internal import Crypto

/// The SHA-256 of a chat token in hex: all that is stored to find its owner again.
public struct ChatTokenDigest: Hashable, Sendable {
    /// 64 hex digits.
    public let text: String

    /// Hashes a token.
    public init(_ token: String) {
        text = SHA256.hash(data: Array(token.utf8)).hex
    }
}
