extension JSONValue {
    /// The value of an object's key; nil when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// An array's element; nil when the index is outside or this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text, when this is a string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The number, when it is whole and fits (`20` and `20.0` alike: some servers write whole numbers with a fraction).
    public var int: Int? {
        switch self {
        case .int(let value): Int(exactly: value)
        case .double(let value): Self.whole(value)
        default: nil
        }
    }

    /// The number, when this is one; a whole number above 2^53 is rounded.
    public var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The truth value, when this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, when this is an array.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members, when this is an object.
    public var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

    /// Whether this is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// `Int(exactly:)` would call libm's `trunc`, which a program without the C library's module does not link.
    private static func whole(_ value: Double) -> Int? {
        // -2^63 ..< 2^63; NaN is outside.
        guard (-0x1p63..<0x1p63).contains(value) else { return nil }
        let whole = Int(value)
        return Double(whole) == value ? whole : nil
    }
}
