internal import Logging

/// Writes `key=value` pairs; values with anything but plain characters are quoted and escaped, so that nobody can forge
/// a line or a pair.
struct LogfmtWriter {
    private var pairs: [[UInt8]] = []

    mutating func add(_ key: String, _ value: String) {
        var pair = Array(key.utf8)
        pair.append(UInt8(ascii: "="))
        if !value.isEmpty, value.utf8.count <= LogEscaping.maximumBytes, value.utf8.allSatisfy(Self.isPlain) {
            pair += Array(value.utf8)
        } else {
            pair.append(UInt8(ascii: "\""))
            LogEscaping.append(value, to: &pair)
            pair.append(UInt8(ascii: "\""))
        }
        pairs.append(pair)
    }

    /// The line so far. A pair that does not fit is left out, and the line ends with `truncated=true`.
    func finish(maximumBytes: Int) -> [UInt8] {
        let note = Array(" truncated=true".utf8)
        var output: [UInt8] = []
        var isWhole = true
        for pair in pairs {
            if output.count + 1 + pair.count + note.count <= maximumBytes {
                if !output.isEmpty { output.append(0x20) }
                output += pair
            } else {
                isWhole = false
            }
        }
        return isWhole ? output : output + note
    }

    /// Adds a value; a dictionary becomes one pair an entry (`peer.host=…`), an array one text.
    mutating func add(_ key: String, _ value: Logger.MetadataValue, isSecret: Bool) {
        if isSecret {
            add(key, LogRedaction.placeholder)
            return
        }
        switch value {
        case .string(let text): add(key, text)
        case .stringConvertible(let value): add(key, value.description)
        case .array(let values): add(key, "[" + values.map(Self.text).joined(separator: ",") + "]")
        case .dictionary(let entries):
            for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
                add(key + "." + Self.safe(name), entry, isSecret: LogRedaction.isSecret(name))
            }
        }
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(text).joined(separator: ",") + "]"
        case .dictionary(let entries):
            "{"
                + entries.sorted { $0.key < $1.key }
                .map { $0.key + ":" + (LogRedaction.isSecret($0.key) ? LogRedaction.placeholder : text($0.value)) }
                .joined(separator: ",") + "}"
        }
    }

    private static func safe(_ key: String) -> String {
        String(decoding: key.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            && byte != UInt8(ascii: "\\")
    }
}
