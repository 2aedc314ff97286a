/// Why there is no reply. Neither URL, header nor body is ever part of it.
public struct HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a caller may act on it.
    public enum Code: String, Sendable {
        /// No connection: name, TCP or TLS failed, or took longer than the connect timeout.
        case connectFailed
        /// The deadline passed.
        case timedOut
        /// The connection ended before the reply was complete.
        case reset
        /// The reply is longer than the limit.
        case tooLarge
        /// The reply is not HTTP.
        case malformedReply
        /// The request cannot be sent: bad URL, other scheme, CR, LF or NUL in a field.
        case invalidRequest
        /// Too many requests are in flight already, or too many long replies are arriving.
        case overloaded
        /// The task was cancelled, or the client was closed.
        case cancelled
    }

    /// The kind.
    public var code: Code
    /// One line for a log.
    public var message: String
    /// libcurl's own code (`CURLcode`), when it was libcurl that failed.
    public var underlying: Int32?
    /// Whether the request can have reached the server, and so can have had its effect.
    public var mayHaveReachedServer: Bool

    /// Makes an error.
    public init(code: Code, message: String, underlying: Int32? = nil, mayHaveReachedServer: Bool = false) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.mayHaveReachedServer = mayHaveReachedServer
    }

    /// Kind, libcurl's number and the text.
    public var description: String {
        let number = underlying.map { " (curl \($0))" } ?? ""
        return "\(code.rawValue)\(number): \(message)"
    }
}
