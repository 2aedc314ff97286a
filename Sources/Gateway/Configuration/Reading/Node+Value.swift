internal import HTTPMessage
internal import Yams

extension Node {
    /// Whether this is an unquoted `null`, `~`, or nothing.
    var isNothing: Bool {
        guard case .scalar(let scalar) = self, scalar.style != .singleQuoted, scalar.style != .doubleQuoted else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// In words, for messages.
    var kind: String {
        switch self {
        case .scalar: isNothing ? "nothing" : "a text"
        case .mapping: "settings"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// The value as JSON, resolved as YAML 1.2 has it and not 1.1, where `no`, `on` and `12:30` are no texts: unquoted
    /// `true`, `false`, `null` and JSON numbers are what they look like, everything else is text.
    var json: JSONValue {
        switch self {
        case .mapping(let mapping):
            return .object(
                Dictionary(
                    mapping.map { ($0.key.scalar?.string ?? "", $0.value.json) }, uniquingKeysWith: { _, last in last })
            )
        case .sequence(let sequence): return .array(sequence.map(\.json))
        case .alias: return .null
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if isNothing { return .null }
            if ["true", "True", "TRUE"].contains(scalar.string) { return .bool(true) }
            if ["false", "False", "FALSE"].contains(scalar.string) { return .bool(false) }
            let startsNumber =
                scalar.string.utf8.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
            if startsNumber, let number = try? JSONValue(parsing: scalar.string.utf8) { return number }
            return .string(scalar.string)
        }
    }
}
