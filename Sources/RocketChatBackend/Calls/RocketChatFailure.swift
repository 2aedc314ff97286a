internal import ChatBackend
internal import HTTPClient

/// Why a call failed: what it means to the domain, and what the server said, for those who can do something about it.
struct RocketChatFailure: Error {
    /// What the domain is told unless the operation knows better.
    var error: ChatBackendError
    /// The status, 0 without a reply.
    var status = 0
    /// The server's word for it: `errorType`, else the code in brackets, else a short text.
    var code = ""
    /// The server's text; may name users, so never logged.
    var text = ""
    /// `details.field`: the value, or the name, of the field that was refused.
    var field: String?
    /// Whether the call may have had its effect all the same.
    var isAmbiguous = false

    /// The server said no to what was asked: any 400, 403 and the like. Which of the two it is, is a matter of its
    /// version.
    var isAnswer: Bool { (400..<500).contains(status) && status != 401 && status != 429 }

    /// Whether the server named this code, in whatever place its version names codes.
    func says(_ codes: String...) -> Bool {
        codes.contains { code == $0 || text.contains("[\($0)]") || text == $0 }
    }

    /// Our account may not do this, in any version's words (contract sheet, section 1.2); 9.0 says nothing but 403.
    var isMissingRight: Bool {
        guard isAnswer else { return false }
        return status == 403
            || says(
                "error-not-authorized", "not-authorized", "not_authorized", "error-not-allowed", "not-allowed",
                "error-action-not-allowed", "error-unauthorized", "unauthorized", "no-permission")
    }

    /// The server's schema refuses keys or misses some: it is of another version.
    var isAboutParameters: Bool {
        isAnswer
            && (says("invalid-params", "error-invalid-params") || text.contains("must have required property")
                || text.contains("must NOT have additional properties")
                || text.contains("must match exactly one schema"))
    }

    /// A rule or a missing permission, as opposed to a missing route or object.
    var isRefusal: Bool { if case .refused = error { true } else { false } }
}

extension RocketChatFailure {
    /// What a reply above the call's limit is to the domain.
    static let tooLarge = ChatBackendError.contract("reply too large")

    /// A failure without a reply.
    init(_ error: HTTPClientError) {
        switch error.code {
        case .connectFailed: self.error = .unavailable(error.noConnection, mayHaveRun: error.mayHaveReachedServer)
        case .reset: self.error = .unavailable("connection lost")
        case .overloaded: self.error = .unavailable("too many calls in flight", mayHaveRun: error.mayHaveReachedServer)
        case .timedOut: self.error = .timedOut
        case .tooLarge: self.error = Self.tooLarge
        case .malformedReply: self.error = .contract("no HTTP")
        case .invalidRequest: self.error = .contract("request cannot be sent")
        case .cancelled: self.error = .cancelled
        }
        isAmbiguous = error.mayHaveReachedServer
    }

    /// A reply that lacks what it must have.
    static func missing(_ key: String, in route: String) -> RocketChatFailure {
        RocketChatFailure(error: .contract("\(route): no \(key)"), status: 200)
    }
}
