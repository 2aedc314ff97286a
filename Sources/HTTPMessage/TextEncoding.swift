/// The encodings of a request's texts.
public enum TextEncoding: Sendable {
    /// UTF-8.
    case utf8
    /// ISO 8859-1: what Apache's HTTP client, on Android and elsewhere, calls a text unless told.
    case latin1

    /// The text that the bytes are; nil when they are none.
    func text(_ bytes: ArraySlice<UInt8>) -> String? {
        switch self {
        case .utf8: String(strictUTF8: bytes)
        // Every byte is a character.
        case .latin1: String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
    }
}
