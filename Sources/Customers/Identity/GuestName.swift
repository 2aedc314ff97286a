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
}
