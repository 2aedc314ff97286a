/// Sends requests and waits for replies: an ``HTTPClient``, or what stands in its place when no server is wanted.
public protocol HTTPSender: Sendable {
    /// Where work that belongs to the requests runs.
    var executor: any TaskExecutor { get }

    /// Sends a request and returns the complete reply, whatever its status; see ``HTTPClient/send(_:)``.
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientReply
}

extension HTTPClient: HTTPSender {}
