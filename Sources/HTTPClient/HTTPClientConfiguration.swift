/// Limits and deadlines of an ``HTTPClient``; the defaults are those of DESIGN.md section 4.
public struct HTTPClientConfiguration: Sendable {
    /// For name, TCP and TLS together.
    public var connectTimeout: Duration = .seconds(1)
    /// From ``HTTPClient/send(_:)`` to the last byte of the reply, waiting for a turn included.
    public var deadline: Duration = .seconds(10)
    /// The longest body that is taken, in bytes.
    public var replyLimit = 4 * 1_024 * 1_024
    /// Bytes that all replies together may take up beyond 32 KiB each while they arrive; a reply that would need more
    /// ends as `overloaded`.
    public var longReplies = 64 * 1_024 * 1_024
    /// Requests in flight or waiting for their turn; more are refused at once.
    public var maximumTransfers = 16_384
    /// Connections being made at a time. Others wait: a burst must not overrun the server's listen queue, nor start
    /// more resolver threads than this.
    public var maximumConnecting = 256
    /// Requests that the server may have at a time, and so connections in use without HTTP/2; others wait for their
    /// turn. libcurl's own limit of connections is not used: a request that waits for one forgets its deadline (seen in
    /// 7.88).
    public var maximumActive = Int.max
    /// A file of trusted certificates in PEM instead of the system's; nil for the system's.
    public var trustedRootsFile: String?
    /// Sent as `User-Agent`.
    public var userAgent = "customersd"

    /// The defaults.
    public init() {}
}
