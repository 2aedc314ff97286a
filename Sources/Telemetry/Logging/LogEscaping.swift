/// Escapes text inside double quotes, alike for logfmt and JSON.
enum LogEscaping {
    /// So that no single text can push everything else off the line.
    static let maximumBytes = 2_048

    /// Appends the text with quotes, backslashes and everything that could end a line, drive a terminal or turn the
    /// writing direction as an escape.
    ///
    /// More than `maximumBytes` of output is cut off and marked with `…`.
    static func append(_ text: String, to output: inout [UInt8]) {
        let end = output.count + maximumBytes
        for scalar in text.unicodeScalars {
            guard output.count < end else {
                output += Array("…".utf8)
                return
            }
            switch scalar {
            case "\"", "\\": output += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case "\n": output += Array(#"\n"#.utf8)
            case "\r": output += Array(#"\r"#.utf8)
            case "\t": output += Array(#"\t"#.utf8)
            case _ where isDangerous(scalar):
                let digits = String(scalar.value, radix: 16)
                output += Array((#"\u"# + String(repeating: "0", count: max(0, 4 - digits.count)) + digits).utf8)
            default: output += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL and C1 controls; line and paragraph separators; bidirectional overrides and isolates.
        case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
