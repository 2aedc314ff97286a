/// A body of type `multipart/form-data` (RFC 7578), of which text fields are kept and files only noted:
///
///     preamble, ignored
///     --BOUNDARY\r\n
///     Content-Disposition: form-data; name="room_id"\r\n
///     \r\n
///     GENERAL\r\n
///     --BOUNDARY--\r\n
///     epilogue, ignored
///
/// As with ``FormURLEncoded`` the first of several fields with one name counts.
public struct MultipartForm: Sendable {
    /// The text fields in the order they were sent.
    public let fields: [(name: String, value: String)]
    /// The names of the parts that were files; what was in them is dropped.
    public let fileFields: [String]

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - bytes: the whole body.
    ///   - contentType: its type with the boundary: 1–70 characters that RFC 2046 section 5.1.1 allows.
    /// - Throws: ``FormError/badBoundary`` and ``FormError/unsupportedCharset``, which are about the type; all others
    ///   are about the bytes.
    public init(parsing bytes: some Collection<UInt8>, contentType: ContentType) throws(FormError) {
        guard let boundary = contentType.parameters["boundary"], Self.isBoundary(boundary) else { throw .badBoundary }
        var parts = MultipartSplitter(Array(bytes), boundary: boundary)
        var fields: [(name: String, value: String)] = []
        var fileFields: [String] = []
        while let part = try parts.next() {
            guard fields.count + fileFields.count < FormURLEncoded.maximumFields else { throw .tooManyFields }
            let header = try MultipartPartHeader(parsing: part.header)
            if header.isFile {
                fileFields.append(header.name)
            } else {
                guard let encoding = header.encoding else { throw .unsupportedCharset }
                guard !part.body.contains(0) else { throw .nul }
                guard let value = encoding.text(part.body) else { throw .invalidUTF8 }
                fields.append((header.name, value))
            }
        }
        // RFC 7578 section 4.6: this field tells the charset of all the others.
        if let charset = fields.first(where: { $0.name == "_charset_" })?.value, charset.lowercased() != "utf-8" {
            throw .unsupportedCharset
        }
        self.fields = fields
        self.fileFields = fileFields
    }

    /// The first text under this name.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.last != 0x20
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}
