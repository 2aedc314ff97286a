internal import FoundationEssentials
internal import HTTPMessage

/// The answer to a ``ControlRequest``.
enum ControlReply: Sendable, Equatable {
    /// A JSON text.
    case result([UInt8])
    /// Words for the one who asked.
    case failure(String)

    /// Bytes of a reply, at most: some thousand tenants.
    static let maximumBytes = 16 * 1_024 * 1_024

    /// A value as JSON.
    static func result(of value: some Encodable) -> ControlReply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return .failure("the answer cannot be written as JSON") }
        return .result(Array(data))
    }

    /// The line with its end.
    var line: [UInt8] {
        switch self {
        case .result(let json): JSONValue.object(["ok": true, "result": .raw(json)]).serialized() + [0x0A]
        case .failure(let text): JSONValue.object(["ok": false, "error": .string(text)]).serialized() + [0x0A]
        }
    }

    /// Reads a line.
    ///
    /// - Throws: ``ControlFault`` for anything but a reply.
    init(line: [UInt8]) throws(ControlFault) {
        guard let json = try? JSONValue(parsing: line), let ok = json["ok"]?.bool else {
            throw ControlFault("the answer is none: another program listens there, or another version")
        }
        if ok, let result = json["result"] {
            self = .result(result.serialized())
        } else {
            self = .failure(json["error"]?.string ?? "the daemon did not say why")
        }
    }
}
