/// What the header of a multipart part says about it (RFC 7578 section 4).
struct MultipartPartHeader {
    /// The field's name; quotes and backslashes taken away.
    let name: String
    /// Whether a file name was given, even an empty one. `filename*` is no part of RFC 7578 and is ignored.
    let isFile: Bool
    /// How its text is encoded; nil for an encoding that is not read.
    let encoding: TextEncoding?

    /// A header longer than this, in bytes or in lines, is refused.
    static let maximumBytes = 4_096
    static let maximumLines = 16

    init(parsing header: ArraySlice<UInt8>) throws(FormError) {
        guard header.count <= Self.maximumBytes else { throw .badPart("header too long") }
        let lines = Self.lines(header)
        guard lines.count <= Self.maximumLines else { throw .badPart("too many header lines") }
        var values: [String: String] = [:]
        for line in lines {
            let (name, value) = try Self.field(line)
            guard values.updateValue(value, forKey: name) == nil else { throw .badPart("a header line twice") }
        }
        guard let disposition = values["content-disposition"].flatMap({ ContentType($0, isMediaType: false) }),
            disposition.type == "form-data", let name = disposition.parameters["name"]
        else { throw .badPart("no content-disposition with a name") }
        guard !name.utf8.contains(0) else { throw .nul }
        switch values["content-transfer-encoding"]?.lowercased() {
        case nil, "7bit", "8bit", "binary": break
        // RFC 7578 section 4.7: not sent over HTTP; taking the encoded text for the value would be wrong.
        default: throw .badPart("a content-transfer-encoding")
        }
        if let text = values["content-type"] {
            guard let type = ContentType(text) else { throw .badPart("malformed content-type") }
            encoding = type.encoding
        } else {
            encoding = .utf8
        }
        self.name = name
        isFile = disposition.parameters["filename"] != nil
    }

    private static func lines(_ header: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = header
        while !rest.isEmpty {
            var end = rest.startIndex
            while end < rest.endIndex, !rest[end...].starts(with: [0x0D, 0x0A]) { end += 1 }
            lines.append(rest[..<end])
            rest = rest[end...].dropFirst(2)
        }
        return lines
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(FormError) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            line[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else { throw .badPart("malformed header line") }
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var value = line[(colon + 1)...].drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        guard let text = String(validating: value, as: UTF8.self) else { throw .invalidUTF8 }
        return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), text)
    }
}
