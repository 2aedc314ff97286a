/// A query string or a body of type `application/x-www-form-urlencoded`: `name=Li+Lei&room_id=x%2Fy`.
///
/// `+` is a space, `%XX` a byte, the whole is UTF-8 unless the sender says ISO 8859-1. Bad escapes are refused rather
/// than passed on as they are, because two readers of such a text could disagree about it. For the same reason the
/// *first* of several fields with one name counts: it is the one that nginx shows as `$arg_name` to a limit or a log
/// before us.
public struct FormURLEncoded: Sendable {
    /// More fields than this are refused.
    public static let maximumFields = 256

    /// All fields in the order they were sent.
    public let fields: [(name: String, value: String)]

    /// Decodes the bytes; empty pieces (`a=1&&b=2`) are skipped, a piece without `=` is a name with an empty value.
    ///
    /// - Throws: ``FormError/badEscape(offset:)``, ``FormError/invalidUTF8``, ``FormError/nul``,
    ///   ``FormError/tooManyFields``.
    public init(parsing bytes: some Collection<UInt8>, encoding: TextEncoding = .utf8) throws(FormError) {
        let bytes = Array(bytes)
        var fields: [(name: String, value: String)] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            if end > start {
                guard fields.count < Self.maximumFields else { throw .tooManyFields }
                let equals = bytes[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
                let name = try Self.decode(bytes[start..<equals], encoding)
                fields.append((name, try Self.decode(bytes[min(equals + 1, end)..<end], encoding)))
            }
            start = end + 1
        }
        self.fields = fields
    }

    /// The first value under this name.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func decode(_ piece: ArraySlice<UInt8>, _ encoding: TextEncoding) throws(FormError) -> String {
        guard piece.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return try text(piece, encoding)
        }
        var output: [UInt8] = []
        output.reserveCapacity(piece.count)
        var rest = piece
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): output.append(0x20)
            case UInt8(ascii: "%"):
                let escape = rest.startIndex - 1
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    throw .badEscape(offset: escape)
                }
                output.append(high << 4 | low)
            default: output.append(byte)
            }
        }
        return try text(output[...], encoding)
    }

    private static func text(_ bytes: ArraySlice<UInt8>, _ encoding: TextEncoding) throws(FormError) -> String {
        guard !bytes.contains(0) else { throw .nul }
        guard let text = encoding.text(bytes) else { throw .invalidUTF8 }
        return text
    }
}
