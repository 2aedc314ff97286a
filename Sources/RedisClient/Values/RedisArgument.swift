/// One word of a command, as bytes of any kind. Written as a literal where it is constant: `["GET", .string(key)]`.
public enum RedisArgument: Sendable, Equatable {
    /// A text in UTF-8.
    case string(String)
    /// Bytes as they are; NUL and line ends are fine.
    case bytes([UInt8])
    /// A number in decimal.
    case integer(Int64)

    /// A number in decimal.
    public static func int(_ value: Int) -> RedisArgument { .integer(Int64(value)) }

    /// Bytes on the wire.
    var count: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .integer: 20
        }
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation {
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
}
