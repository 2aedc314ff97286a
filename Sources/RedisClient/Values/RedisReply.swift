/// What a command returns. An error reply is thrown as ``RedisError``; only inside arrays errors are values.
public enum RedisReply: Sendable, Equatable {
    /// No such key, no such field.
    case null
    /// A number.
    case integer(Int64)
    /// Bytes, as they were stored.
    case string([UInt8])
    /// A short word such as `OK`.
    case status(String)
    /// Replies in order; at most 65,536 elements in 4 levels, 8 MiB in all.
    case array([RedisReply])
    /// An element of an array that is an error.
    case error(RedisServerError)
}

extension RedisReply {
    /// Whether it is ``null``.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The bytes of a string or a status, else nil.
    public var bytes: [UInt8]? {
        switch self {
        case .string(let bytes): bytes
        case .status(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a string or a status; nil for other types and for bytes that are no UTF-8.
    public var text: String? {
        switch self {
        case .string(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// A number, also one that was stored as a string; else nil.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .string(let bytes): String(validating: bytes, as: UTF8.self).flatMap { Int64($0) }
        default: nil
        }
    }

    /// The elements of an array, else nil.
    public var array: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// An array of names and values in turn, as `HGETALL` returns it, by name; nil for anything else.
    public var fields: [String: [UInt8]]? {
        guard case .array(let elements) = self, elements.count.isMultiple(of: 2) else { return nil }
        var fields: [String: [UInt8]] = [:]
        fields.reserveCapacity(elements.count / 2)
        var index = elements.startIndex
        while index < elements.endIndex {
            guard let name = elements[index].text, let value = elements[index + 1].bytes else { return nil }
            fields[name] = value
            index += 2
        }
        return fields
    }

    /// The type's name for error messages; never the contents.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .string: "string"
        case .status: "status"
        case .array(let elements): "array of \(elements.count)"
        case .error: "error"
        }
    }
}
