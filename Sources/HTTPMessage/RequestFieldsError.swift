/// Why the fields of a request cannot be read.
public enum RequestFieldsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The body is of a type or a charset that no endpoint reads, or multipart without a boundary: status 415.
    case unsupportedMediaType
    /// The body or the query string breaks the rules of its type: status 400. The text says how and quotes nothing of
    /// the body.
    case malformed(String)

    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .unsupportedMediaType: "unsupported media type"
        case .malformed(let reason): reason
        }
    }

    init(_ error: FormError) {
        switch error {
        case .badBoundary, .unsupportedCharset: self = .unsupportedMediaType
        default: self = .malformed(error.description)
        }
    }
}
