/// Why a chat server did not do what it was asked to.
public enum ChatBackendError: Error, Equatable, Sendable {
    /// The server answered, and said no: a missing permission, a rule of its own. `code` is the server's word for it.
    case refused(code: String)
    /// The user, room or message does not exist, or not for the caller.
    case notFound
    /// The name is taken by something that is not ours.
    case alreadyExists
    /// Too many calls; `retryAfter` seconds from now the server wants to be asked again, when it said so.
    case rateLimited(retryAfter: Int?)
    /// Nobody answers, or the server says that it is down (connect failure, reset, 5xx, breaker open). `mayHaveRun` is
    /// false when the call has certainly not reached it.
    case unavailable(String, mayHaveRun: Bool = true)
    /// No answer within the deadline. Whether the call had its effect is unknown.
    case timedOut
    /// The server answered something that it must not: not JSON, a key missing, a reply too large.
    case contract(String)
    /// The page cursor was not made by this backend.
    case invalidCursor
    /// The task was cancelled before the answer came.
    case cancelled
}

extension ChatBackendError {
    /// The `code` of ``refused(code:)`` when the customer's own token is not taken (any more).
    public static let deadToken = "token"

    /// Whether the server may be at work on the call yet: it was given up here, and not there.
    public var mayBeRunning: Bool { self == .timedOut || self == .cancelled }

    /// Whether a call that makes something may have made it all the same.
    public var mayHaveRun: Bool {
        switch self {
        case .unavailable(_, let mayHaveRun): mayHaveRun
        case .notFound, .alreadyExists, .rateLimited, .invalidCursor: false
        // The creation of an account is not atomic: a refusal may come after it.
        case .refused, .timedOut, .contract, .cancelled: true
        }
    }
}

extension ChatBackendError: CustomStringConvertible {
    /// A sentence for logs and admins.
    public var description: String {
        switch self {
        case .refused(let code): "the chat server refuses: \(code)"
        case .notFound: "the chat server does not know it"
        case .alreadyExists: "the chat server has something else of that name"
        case .rateLimited(let seconds):
            "the chat server's rate limit is used up" + (seconds.map { " for \($0) s" } ?? "")
        case .unavailable(let reason, _): "the chat server is away: \(reason)"
        case .timedOut: "the chat server is too slow"
        case .contract(let reason): "the chat server's answer cannot be used: \(reason)"
        case .invalidCursor: "the cursor is none of this chat server's"
        case .cancelled: "the caller has gone"
        }
    }
}
