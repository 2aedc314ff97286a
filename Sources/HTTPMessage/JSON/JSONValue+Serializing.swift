extension JSONValue {
    /// The JSON text in UTF-8: compact, keys sorted by their UTF-8 bytes, only `"`, `\` and control characters escaped,
    /// `raw` as it is.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        serialize(into: &output)
        return output
    }

    /// Appends the JSON text of ``serialized()`` to a buffer.
    public func serialize(into output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): output.append(contentsOf: String(value).utf8)
        // JSON has no infinity and no NaN. Swift's shortest spelling of any other double is JSON's.
        case .double(let value): output.append(contentsOf: (value.isFinite ? String(value) : "null").utf8)
        case .string(let value): Self.serialize(value, into: &output)
        case .array(let elements): Self.serialize(elements, into: &output)
        case .object(let members): Self.serialize(members, into: &output)
        case .raw(let bytes): output.append(contentsOf: bytes)
        }
    }

    private static func serialize(_ elements: [JSONValue], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            element.serialize(into: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func serialize(_ members: [String: JSONValue], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            serialize(key, into: &output)
            output.append(UInt8(ascii: ":"))
            value.serialize(into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func serialize(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        // Nearly every string is contiguous and has nothing to escape: then it is one copy.
        let wasCopied = text.utf8.withContiguousStorageIfAvailable { bytes in
            if bytes.contains(where: needsEscape) { return false }
            output.append(contentsOf: bytes)
            return true
        }
        if wasCopied != true {
            for byte in text.utf8 { appendEscaped(byte, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        guard needsEscape(byte) else {
            output.append(byte)
            return
        }
        switch byte {
        case 0x08: output.append(contentsOf: #"\b"#.utf8)
        case 0x09: output.append(contentsOf: #"\t"#.utf8)
        case 0x0A: output.append(contentsOf: #"\n"#.utf8)
        case 0x0C: output.append(contentsOf: #"\f"#.utf8)
        case 0x0D: output.append(contentsOf: #"\r"#.utf8)
        case 0..<0x20: output.append(contentsOf: ((byte < 0x10 ? #"\u000"# : #"\u00"#) + String(byte, radix: 16)).utf8)
        default: output.append(contentsOf: [UInt8(ascii: "\\"), byte])
        }
    }
}
