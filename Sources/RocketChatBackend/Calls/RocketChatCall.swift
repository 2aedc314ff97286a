internal import ChatBackend
internal import HTTPMessage

/// One REST call: `GET` or `POST` below `/api/v1/`.
struct RocketChatCall: Sendable {
    /// In whose name.
    enum Caller: Sendable {
        /// The gateway's own account.
        case service
        /// A customer's own token.
        case customer(CustomerCredential)
        /// Nobody's: `login`.
        case nobody
    }

    let route: String
    var query: [(name: String, value: String)] = []
    /// nil makes it a `GET`.
    var body: JSONValue?
    var caller = Caller.service
    /// Bytes of a reply that are taken: 1 MiB, but for pages of messages (hazards, unsafe consumption).
    var replyLimit = 1_024 * 1_024
    /// The reply is a list of messages, which go on to the customer as they are.
    var listsMessages = false
    /// Milliseconds of ``RocketChatClock/uptime`` by which it must be done; nil for the configured time from now.
    var deadline: Int64?

    static func get(
        _ route: String, _ query: [(name: String, value: String)] = [], as caller: Caller = .service
    ) -> RocketChatCall {
        RocketChatCall(route: route, query: query, caller: caller)
    }

    static func post(_ route: String, _ body: JSONValue, as caller: Caller = .service) -> RocketChatCall {
        RocketChatCall(route: route, body: body, caller: caller)
    }

    /// The same with a customer's own token.
    func inName(of credential: CustomerCredential) -> RocketChatCall {
        var call = self
        call.caller = .customer(credential)
        return call
    }

    /// Reads are repeated once when the connection fails.
    var isRead: Bool { body == nil }

    /// Path and query with everything but RFC 3986's unreserved characters percent-encoded.
    var target: String {
        guard !query.isEmpty else { return "/api/v1/\(route)" }
        return "/api/v1/\(route)?\(PercentEncoding.query(query))"
    }
}
