/// The outline of a request that passed the gate.
public struct RequestShape: Sendable, Equatable {
    /// All its bytes in the socket, headers and padding included.
    public var length: Int
    /// The FastCGI request id, not 0.
    public var requestID: UInt16
    /// Whether the web server wants to use the connection again.
    public var keepConnection: Bool
    /// The number of parameters.
    public var parameterCount: Int
    /// The body's length, equal to `CONTENT_LENGTH`.
    public var bodyLength: Int
    /// Whether the last record has padding. libfcgi may leave it unread, so such a connection serves no second request.
    public var endsPadded: Bool

    /// Makes an outline.
    public init(
        length: Int, requestID: UInt16, keepConnection: Bool, parameterCount: Int, bodyLength: Int,
        endsPadded: Bool = false
    ) {
        self.length = length
        self.requestID = requestID
        self.keepConnection = keepConnection
        self.parameterCount = parameterCount
        self.bodyLength = bodyLength
        self.endsPadded = endsPadded
    }
}
