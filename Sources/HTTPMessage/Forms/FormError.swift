/// Why a form body or a query string is refused. The texts quote nothing of the input.
public enum FormError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A `%` without two hexadecimal digits, at this byte.
    case badEscape(offset: Int)
    /// A name or value that is not UTF-8 after decoding.
    case invalidUTF8
    /// A NUL in a name or value: libraries in C would cut the text there.
    case nul
    /// More fields than ``FormURLEncoded/maximumFields``.
    case tooManyFields
    /// A multipart body that ends before its closing boundary.
    case truncated
    /// A multipart part whose header cannot be read; the text says which rule it breaks.
    case badPart(String)
    /// A multipart body of which the type names no boundary, or one that RFC 2046 does not allow.
    case badBoundary
    /// Text in another encoding than UTF-8.
    case unsupportedCharset

    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .badEscape(let offset): "bad percent escape at byte \(offset)"
        case .invalidUTF8: "invalid UTF-8"
        case .nul: "NUL in a field"
        case .tooManyFields: "more than \(FormURLEncoded.maximumFields) fields"
        case .truncated: "multipart body without its closing boundary"
        case .badPart(let rule): "multipart part: \(rule)"
        case .badBoundary: "missing or malformed boundary"
        case .unsupportedCharset: "charset is not UTF-8"
        }
    }
}
