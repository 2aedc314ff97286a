internal import Logging

/// Writes one JSON object in the order of the calls.
struct JSONLogWriter {
    private var members: [[UInt8]] = []

    mutating func add(_ key: String, _ value: String) { add(key, .string(value), isSecret: false) }

    mutating func add(_ key: String, _ value: Logger.MetadataValue, isSecret: Bool) {
        var member = Self.quoted(key)
        member.append(UInt8(ascii: ":"))
        member += Self.text(value, isSecret: isSecret)
        members.append(member)
    }

    /// The object. A member that does not fit is left out, and the object ends with `"truncated":true`.
    func finish(maximumBytes: Int) -> [UInt8] {
        let note = Array(#","truncated":true}"#.utf8)
        var output: [UInt8] = [UInt8(ascii: "{")]
        var isWhole = true
        for member in members {
            if output.count + member.count + 1 + note.count <= maximumBytes {
                if output.count > 1 { output.append(UInt8(ascii: ",")) }
                output += member
            } else {
                isWhole = false
            }
        }
        output += isWhole ? [UInt8(ascii: "}")] : note
        return output
    }

    private static func text(_ value: Logger.MetadataValue, isSecret: Bool) -> [UInt8] {
        if isSecret { return quoted(LogRedaction.placeholder) }
        switch value {
        case .string(let text): return quoted(text)
        case .stringConvertible(let value): return quoted(value.description)
        case .array(let values):
            let elements = values.map { text($0, isSecret: false) }
            return [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        case .dictionary(let entries):
            let members = entries.sorted { $0.key < $1.key }.map { key, value in
                quoted(key) + [UInt8(ascii: ":")] + text(value, isSecret: LogRedaction.isSecret(key))
            }
            return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        }
    }

    private static func quoted(_ text: String) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "\"")]
        LogEscaping.append(text, to: &output)
        output.append(UInt8(ascii: "\""))
        return output
    }
}
