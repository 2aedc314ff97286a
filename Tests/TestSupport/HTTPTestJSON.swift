internal import Foundation

/// JSON as a test looks at it, read by Foundation's parser and not by the code under test.
public enum HTTPTestJSON: Sendable, Hashable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([HTTPTestJSON])
    case object([String: HTTPTestJSON])

    /// Reads a document.
    ///
    /// - Throws: ``HTTPTestError/malformed(_:)``.
    public init(parsing bytes: [UInt8]) throws(HTTPTestError) {
        do {
            self = try JSONDecoder().decode(HTTPTestJSON.self, from: Data(bytes))
        } catch {
            throw .malformed("not JSON: \(String(decoding: bytes.prefix(500), as: UTF8.self))")
        }
    }

    /// The member of an object; null when there is none.
    public subscript(name: String) -> HTTPTestJSON {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// The element of an array; null when there is none.
    public subscript(index: Int) -> HTTPTestJSON {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { .null }
    }

    /// The text; nil when it is none.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The whole number; nil when it is none.
    public var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
    /// The truth value; nil when it is none.
    public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    /// The elements; empty when it is no array.
    public var array: [HTTPTestJSON] { if case .array(let elements) = self { elements } else { [] } }
    /// The names of an object's members.
    public var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }
    /// Whether it is an object.
    public var isObject: Bool { if case .object = self { true } else { false } }

    /// The document as text, members sorted.
    public var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
    }
}

extension HTTPTestJSON: Codable {
    /// Decodes whatever is there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([HTTPTestJSON].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: HTTPTestJSON].self))
        }
    }

    /// Encodes it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .number(let number):
            if let whole = Int64(exactly: number) { try container.encode(whole) } else { try container.encode(number) }
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}

extension HTTPTestJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: HTTPTestJSON...) { self = .array(elements) }
    /// An object.
    public init(dictionaryLiteral elements: (String, HTTPTestJSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
