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
            // Each is an ASN.1 sequence (X.690: tag 0x30).
            guard Data(base64Encoded: text)?.first == 0x30 else { return false }
            count += 1
            rest = body[(end + 1)...]
        }
        return count > 0
    }

    /// The label of a line such as `-----BEGIN CERTIFICATE-----` when it is a certificate's.
    private static func label(_ line: Substring, _ word: String) -> String? {
        labels.first { line.hasPrefix("-----\(word) \($0)-----") }
    }
}
