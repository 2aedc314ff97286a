/// Keeps secrets out of log lines: by the name they are logged under, whoever logs them.
enum LogRedaction {
    /// Stands for a value that is withheld.
    static let placeholder = "[redacted]"

    private static let telling = [
        "authorization", "cookie", "credential", "passphrase", "passwd", "password", "secret", "signature", "token",
        "user_hash", "private_key", "seal_key",
    ].map { Array($0.utf8) }

    /// Where a secret lies is no secret, and helps.
    private static let harmlessEnding = Array("_file".utf8)

    /// Whether a value under this key is a secret: `Authorization`, `X-Auth-Token`, `authToken`, `secret_key`, …
    static func isSecret(_ key: String) -> Bool {
        let name = key.utf8.map(normalised)
        if name.reversed().starts(with: harmlessEnding.reversed()) { return false }
        return telling.contains { occurs($0, in: name) }
    }

    /// Letters in lower case; whatever separates words as `_`.
    private static func normalised(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "): UInt8(ascii: "_")
        default: byte
        }
    }

    /// By bytes: this runs for each key of each line, where a search by characters took most of the time.
    private static func occurs(_ word: [UInt8], in name: [UInt8]) -> Bool {
        guard let first = word.first, name.count >= word.count else { return false }
        for start in 0...(name.count - word.count) where name[start] == first {
            if name[start...].starts(with: word) { return true }
        }
        return false
    }
}
