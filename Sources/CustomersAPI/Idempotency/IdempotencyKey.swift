import Customers

/// The `Idempotency-Key` of a request: 1 to 255 printable ASCII characters.
///
/// The draft wants a quoted string (RFC 8941 section 3.3.3): `"8e03978e-40d5-43e8-bc93-6894a57f9324"`. Most clients
/// send the text without quotes; both mean the same key.
struct IdempotencyKey: Hashable {
    /// Without quotes.
    let text: String

    static let rule = "1 to 255 printable ASCII characters, without spaces unless quoted"

    /// Reads the field.
    ///
    /// - Throws: `CustomersError.invalid`.
    init(_ field: String) throws(CustomersError) {
        var bytes = field.utf8.drop { $0 == UInt8(ascii: " ") }
        while bytes.last == UInt8(ascii: " ") { bytes = bytes.dropLast() }
        guard let key = bytes.first == UInt8(ascii: "\"") ? Self.quoted(bytes.dropFirst()) : Self.bare(bytes),
            (1...255).contains(key.count)
        else { throw .invalid(["Idempotency-Key": Self.rule]) }
        text = String(decoding: key, as: UTF8.self)
    }

    private static func bare(_ bytes: Substring.UTF8View) -> [UInt8]? {
        // Quotes inside would be a string that was cut, a comma a second key.
        let isGood = bytes.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: ",")
        }
        return isGood ? Array(bytes) : nil
    }

    private static func quoted(_ bytes: Substring.UTF8View) -> [UInt8]? {
        var key: [UInt8] = []
        var isEscaped = false
        for (index, byte) in zip(bytes.indices, bytes) {
            guard (0x20...0x7e).contains(byte) else { return nil }
            if isEscaped {
                guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { return nil }
                key.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                return bytes.index(after: index) == bytes.endIndex ? key : nil
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                key.append(byte)
            }
        }
        return nil
    }
}
