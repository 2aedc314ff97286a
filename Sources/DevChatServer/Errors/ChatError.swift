/// A refusal, in the kinds a Rocket.Chat server has; `ChatError+Rendering.swift` gives each its status and body.
enum ChatError: Error, Equatable {
    /// A Meteor error: a code, mostly a reason, sometimes details. 400.
    case meteor(code: String, reason: String?, details: [String: JSON]?)
    /// A JavaScript error or `failure('text')`: a text without `errorType`. 400.
    case plain(String)
    /// `failure()` with nothing to say. 400.
    case bare
    /// `forbidden()`. 403.
    case forbidden
    /// The route's permission list is not met. 403.
    case missingPermission
    /// No user, or not that user's token. 401.
    case unauthenticated
    /// A login that failed. 401.
    case loginRefused(code: JSON, message: String, details: [String: JSON]?)
    /// The limiter said no. 429.
    case tooManyRequests(seconds: Int)
    /// A body this server makes by hand, for shapes that fit nowhere else.
    case other(status: Int, body: JSON)

    /// A Meteor error with a reason.
    static func code(_ code: String, _ reason: String? = nil, details: [String: JSON]? = nil) -> ChatError {
        .meteor(code: code, reason: reason, details: details)
    }

    /// `Not allowed [error-not-allowed]` of the named server method.
    static func notAllowed(_ method: String) -> ChatError {
        .code("error-not-allowed", "Not allowed", details: ["method": .string(method)])
    }
}
