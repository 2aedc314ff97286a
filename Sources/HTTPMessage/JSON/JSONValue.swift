/// A JSON value (RFC 8259). Objects are emitted with sorted keys.
///
/// Two keys or strings that Unicode calls canonically equivalent (`é` in one or in two scalars) are equal, as
/// everywhere in Swift.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case int(Int64)
    /// Any other number. Never infinite nor NaN when the parser made it; emitted as `null` when it is.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
    /// Already serialised UTF-8 JSON text, emitted as it is. Never made by the parser.
    case raw([UInt8])
}

extension JSONValue: CustomStringConvertible {
    /// The JSON text, for logs and failing tests.
    public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
