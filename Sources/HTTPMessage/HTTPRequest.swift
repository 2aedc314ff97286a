/// A request as the daemon sees it: what the web server passed on, already checked for size and shape by the FastCGI
/// gate.
public struct HTTPRequest: Sendable {
    /// The method in capitals, as sent (`REQUEST_METHOD`).
    public var method: String
    /// The path before the query, as sent and not percent-decoded (`REQUEST_URI` up to `?`, else
    /// `DOCUMENT_URI`/`SCRIPT_NAME`).
    public var path: String
    /// The raw query string without `?`, or "" (`QUERY_STRING`).
    public var query: String
    /// Header fields by lower-case name (`HTTP_AUTHORIZATION` → `authorization`), and `content-type`.
    public var headers: [String: String]
    /// The whole body; at most the configured limit.
    public var body: [UInt8]
    /// The client's address (`REMOTE_ADDR`), or "" when the web server did not say. Nothing else is believed.
    public var remoteAddress: String
    /// Names this request in logs and towards the chat server: 1–64 characters of `[A-Za-z0-9._-]`.
    public var requestID: String

    /// Makes a request value; every part has a default that suits tests.
    public init(
        method: String = "GET", path: String = "/", query: String = "", headers: [String: String] = [:],
        body: [UInt8] = [], remoteAddress: String = "", requestID: String = "-"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.requestID = requestID
    }

    /// A header field's value by lower-case name.
    public func header(_ name: String) -> String? { headers[name] }
}
