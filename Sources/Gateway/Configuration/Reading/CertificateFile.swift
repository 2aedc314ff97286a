internal import FoundationEssentials

/// A file with certificates as libcurl takes one: PEM (RFC 7468), any number of them, and other text between them.
enum CertificateFile {
    private static let labels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]

    /// Whether there is at least one certificate, and each is whole. What it certifies is not looked at.
    static func isGood(_ bytes: [UInt8]) -> Bool {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        var count = 0
        var rest = lines[...]
        while let start = rest.firstIndex(where: { label($0, "BEGIN") != nil }), let name = label(rest[start], "BEGIN")
        {
            let body = rest[(start + 1)...]
            guard let end = body.firstIndex(where: { label($0, "END") == name }) else { return false }
            let text = body[..<end].joined().filter { !$0.isWhitespace }
            guard let data = Data(base64Encoded: text), isSequence(Array(data)) else { return false }
            count += 1
            rest = body[(end + 1)...]
        }
        return count > 0
    }

    /// Whether it is an ASN.1 sequence with all its bytes (X.690: tag 0x30, then the length, in the long form from 128
    /// on). What OpenSSL adds to a trusted certificate may follow.
    private static func isSequence(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2, bytes[0] == 0x30 else { return false }
        guard bytes[1] & 0x80 != 0 else { return bytes.count >= 2 + Int(bytes[1]) }
        let count = Int(bytes[1] & 0x7F)
        guard (1...4).contains(count), bytes.count >= 2 + count else { return false }
        let length = bytes[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
        return bytes.count >= 2 + count + length
    }

    /// The label of a line such as `-----BEGIN CERTIFICATE-----` when it is a certificate's.
    private static func label(_ line: Substring, _ word: String) -> String? {
        labels.first { line.hasPrefix("-----\(word) \($0)-----") }
    }
}
