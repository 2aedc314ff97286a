/// One JSON value of the stand-in chat server's wire, as a plain value.
///
/// Numbers keep their kind: `5` is an integer, `5.0` is not, since Rocket.Chat's clients tell them apart.
public enum JSON: Sendable, Equatable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number within 64 bits.
    case int(Int)
    /// Any other number.
    case double(Double)
    /// A text.
    case string(String)
    /// An ordered list.
    case array([JSON])
    /// Names and values; the order of names is not kept.
    case object([String: JSON])
}

extension JSON {
    /// The text, when the value is one.
    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The truth value, when the value is one.
    var flag: Bool? {
        if case .bool(let flag) = self { return flag }
        return nil
    }

    /// The whole number, when the value is one.
    var number: Int? {
        if case .int(let number) = self { return number }
        return nil
    }

    /// The list, when the value is one.
    var list: [JSON]? {
        if case .array(let list) = self { return list }
        return nil
    }

    /// The object, when the value is one.
    var fields: [String: JSON]? {
        if case .object(let fields) = self { return fields }
        return nil
    }

    /// The named value of an object; nil for anything else.
    subscript(name: String) -> JSON? {
        fields?[name]
    }
}

// No `ExpressibleByNilLiteral`: beside an optional, `nil` would silently mean `.null`.
extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; of two equal names the last wins.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
