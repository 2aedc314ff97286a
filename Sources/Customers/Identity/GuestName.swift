internal import Crypto

/// Names for customers who give none: `u` and 26 characters that nobody guesses.
enum GuestName {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".unicodeScalars)

    /// A new name with 130 random bits.
    static func make() -> CustomerName {
        var random = SystemRandomNumberGenerator()
        var text = "u"
        for _ in 0..<26 { text.unicodeScalars.append(alphabet[Int(random.next() & 31)]) }
        return CustomerName(stored: text)
    }

    /// The name that belongs to a secret random text, always the same.
    static func make(from seed: String) -> CustomerName {
        let bits = SHA256.hash(data: Array("guest-name/v1\u{0}\(seed)".utf8))
        var text = "u"
        for byte in bits.prefix(26) { text.unicodeScalars.append(alphabet[Int(byte & 31)]) }
        return CustomerName(stored: text)
    }
}
