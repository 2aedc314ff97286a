internal import ChatBackend
internal import HTTPClient
internal import HTTPMessage

extension RocketChatFailure {
    /// What a reply that is no success means (contract sheet, sections 1.1 to 1.4).
    ///
    /// Decided on the status first; old servers say 400 where new ones say 403, and both are the same refusal.
    init(_ reply: HTTPClientReply, envelope: JSONValue?, route: String, now: Int64) {
        let says = envelope?["error"]?.string ?? envelope?["message"]?.string ?? ""
        let type = envelope?["errorType"]?.string ?? ""
        status = reply.status
        text = says
        code = Self.code(errorType: type, text: says)
        field = envelope?["details"]?["field"]?.string
        isAmbiguous = reply.status >= 500
        error = .contract("\(route): status \(reply.status)")
        error = meaning(of: reply, hasEnvelope: envelope != nil, route: route, now: now)
    }

    private func meaning(
        of reply: HTTPClientReply, hasEnvelope: Bool, route: String, now: Int64
    ) -> ChatBackendError {
        switch reply.status {
        case 401: return .refused(code: code.isEmpty ? "unauthorized" : code)
        case 403: return .refused(code: code.isEmpty ? "forbidden" : code)
        // What does not exist is a 400 in all routes we call: a 404 is about the route, whatever its body says.
        case 404: return .contract("\(route): no such route")
        // The server has not waited for the request to come.
        case 408: return .unavailable("status 408", mayHaveRun: false)
        case 429: return .rateLimited(retryAfter: RateLimitAnswer.seconds(reply, text: text, now: now))
        case 200..<300, 400..<500:
            guard hasEnvelope else { return .contract("\(route): status \(reply.status) without JSON") }
            return meaningOfCode
        case 500...: return .unavailable("status \(reply.status)")
        default: return .contract("\(route): status \(reply.status)")
        }
    }

    private var meaningOfCode: ChatBackendError {
        if says("error-room-not-found", "error-invalid-room", "invalid-channel", "error-invalid-user")
            || text == "User not found." || text == "User not found"
        {
            return .notFound
        }
        if says("error-duplicate-channel-name", "error-archived-duplicate-name", "error-field-unavailable") {
            return .alreadyExists
        }
        return .refused(code: code.isEmpty ? "error" : code)
    }

    /// `errorType` where it is a code; 9.0 puts `error-forbidden` there for all refusals, rooms.info `Not Allowed`.
    private static func code(errorType: String, text: String) -> String {
        if !errorType.isEmpty, !errorType.contains(" ") { return errorType }
        if text.hasSuffix("]"), let start = text.lastIndex(of: "[") {
            let inside = text[text.index(after: start)...].dropLast()
            if !inside.isEmpty, inside.utf8.count <= 64, !inside.contains(" ") { return String(inside) }
        }
        // A sentence may name a user; a single word is a code.
        return text.contains(" ") || text.utf8.count > 64 ? "" : text
    }
}
