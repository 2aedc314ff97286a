/// A `Content-Type` value, or any other of its form such as `Content-Disposition` (RFC 9110 section 8.3, RFC 2045):
///
///     multipart/form-data; boundary="a b"
///     ^type               ^name     ^value, as a token or quoted
///
/// Type and parameter names are compared without case and kept in lower case.
public struct ContentType: Sendable, Hashable {
    /// `application/json`, in lower case; of a `Content-Disposition` `form-data`.
    public let type: String
    /// The values by name in lower case, quotes and backslashes taken away.
    public let parameters: [String: String]

    /// Reads a field's value; nil when it breaks the grammar, has no `/`, or names a parameter twice.
    public init?(_ text: String) {
        self.init(text, isMediaType: true)
    }

    /// Reads a value of the same form; `isMediaType` asks for the `type/subtype` of a media type.
    init?(_ text: String, isMediaType: Bool) {
        var rest = Substring(text).utf8
        Self.skipSpaces(&rest)
        guard var type = Self.takeToken(&rest) else { return nil }
        if isMediaType {
            guard rest.popFirst() == UInt8(ascii: "/"), let subtype = Self.takeToken(&rest) else { return nil }
            type += "/" + subtype
        }
        var parameters: [String: String] = [:]
        Self.skipSpaces(&rest)
        while let separator = rest.popFirst() {
            guard separator == UInt8(ascii: ";") else { return nil }
            Self.skipSpaces(&rest)
            // Empty parameters, as in `text/html;`, are allowed.
            if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }
            guard let name = Self.takeToken(&rest), rest.popFirst() == UInt8(ascii: "="),
                let value = Self.takeValue(&rest), parameters.updateValue(value, forKey: name.lowercased()) == nil
            else { return nil }
            Self.skipSpaces(&rest)
        }
        self.type = type.lowercased()
        self.parameters = parameters
    }

    /// How the text is encoded: UTF-8 where `charset` is absent, as `us-ascii` is a part of it; nil for an encoding
    /// that is not read.
    public var encoding: TextEncoding? {
        switch parameters["charset"]?.lowercased() {
        case nil, "utf-8", "utf8", "us-ascii": .utf8
        case "iso-8859-1": .latin1
        default: nil
        }
    }

    private static func takeValue(_ rest: inout Substring.UTF8View) -> String? {
        guard rest.first == UInt8(ascii: "\"") else { return takeToken(&rest) }
        rest.removeFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: value, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), isText(escaped) else { return nil }
                value.append(escaped)
            default:
                guard isText(byte) else { return nil }
                value.append(byte)
            }
        }
        return nil
    }

    private static func takeToken(_ rest: inout Substring.UTF8View) -> String? {
        let token = rest.prefix(while: isTokenByte)
        guard !token.isEmpty else { return nil }
        rest = rest[token.endIndex...]
        return String(Substring(token))
    }

    private static func skipSpaces(_ rest: inout Substring.UTF8View) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
