/// A request that ``HTTPClient`` can send.
public struct HTTPClientRequest: Sendable {
    /// The methods in use.
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What to do.
    public var method: Method
    /// An absolute `http` or `https` URL, percent-encoded; anything else is refused.
    public var url: String
    /// Fields beside those that HTTP itself needs; CR, LF and NUL are refused.
    public var headers: [(name: String, value: String)]
    /// The body; without one, `Content-Length: 0` is sent where the method has bodies.
    public var body: [UInt8]
    /// Instead of the client's own deadline.
    public var deadline: Duration?
    /// Instead of the client's own limit for the reply's body, in bytes.
    public var replyLimit: Int?
    /// Asked when a kept connection turned out to be dead, once at most and on the loop's thread: only when it says
    /// true is the request sent again. So sending it twice must do no harm then.
    public var mayRepeat: @Sendable () -> Bool

    /// Describes a request; every method but POST is repeatable by definition (RFC 9110, section 9.2.2).
    public init(
        method: Method = .get, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        deadline: Duration? = nil, replyLimit: Int? = nil, mayRepeat: (@Sendable () -> Bool)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.replyLimit = replyLimit
        self.mayRepeat = mayRepeat ?? { method != .post }
    }
}
