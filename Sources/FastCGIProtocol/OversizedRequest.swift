/// A request whose parameters are valid and announce a body over the limit.
public struct OversizedRequest: Sendable, Equatable {
    /// The FastCGI request id, not 0.
    public var requestID: UInt16
    /// Whether the web server wants to use the connection again.
    public var keepConnection: Bool
    /// What `CONTENT_LENGTH` says; numbers beyond 10¹⁵ are cut there.
    public var contentLength: Int
    /// Where the body's first record begins.
    public var bodyOffset: Int
    /// The web server's name for the request (`REQUEST_ID`), when it is 1–64 characters of `[A-Za-z0-9._-]`.
    public var requestName: String?

    /// Makes an outline.
    public init(
        requestID: UInt16, keepConnection: Bool = false, contentLength: Int, bodyOffset: Int,
        requestName: String? = nil
    ) {
        self.requestID = requestID
        self.keepConnection = keepConnection
        self.contentLength = contentLength
        self.bodyOffset = bodyOffset
        self.requestName = requestName
    }
}
