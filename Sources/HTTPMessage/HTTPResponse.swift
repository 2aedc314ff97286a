/// An answer: status, fields from a closed list, and a body that is complete.
public struct HTTPResponse: Sendable, Equatable {
    /// The status code, 200–599.
    public var status: Int
    /// Fields in the order they are sent; names come from a closed list, so nothing of a chat server's reply can slip
    /// through.
    public var headers: [(name: HTTPField, value: String)]
    /// The body's bytes.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: [(name: HTTPField, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A field's first value.
    public subscript(_ name: HTTPField) -> String? { headers.first { $0.name == name }?.value }

    /// Equal in status, fields with their order, and body.
    public static func == (a: HTTPResponse, b: HTTPResponse) -> Bool {
        a.status == b.status && a.body == b.body && a.headers.count == b.headers.count
            && zip(a.headers, b.headers).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }
}

/// The fields an answer may carry (hazards: response splitting). `X-Accel-*` and whatever a chat server sends are not
/// among them.
public enum HTTPField: String, Sendable, CaseIterable {
    case contentType = "Content-Type"
    case cacheControl = "Cache-Control"
    case retryAfter = "Retry-After"
    case allow = "Allow"
    case wwwAuthenticate = "WWW-Authenticate"
    case requestID = "X-Request-Id"
    case vary = "Vary"
    case idempotencyReplayed = "Idempotency-Replayed"
    case contentTypeOptions = "X-Content-Type-Options"
    case accessControlAllowOrigin = "Access-Control-Allow-Origin"
    case accessControlAllowMethods = "Access-Control-Allow-Methods"
    case accessControlAllowHeaders = "Access-Control-Allow-Headers"
    case accessControlExposeHeaders = "Access-Control-Expose-Headers"
    case accessControlMaxAge = "Access-Control-Max-Age"
}
