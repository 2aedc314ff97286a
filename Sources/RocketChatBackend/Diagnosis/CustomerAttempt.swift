internal import HTTPMessage

/// Something that a curious customer could ask the chat server, and what it means when the server answers.
struct CustomerAttempt: Sendable {
    /// What of others an answer shows.
    enum Sight: Sendable {
        case nothing
        case others
        /// Addresses besides names.
        case addresses
    }

    let call: RocketChatCall
    /// What the customer does, after "customers can".
    let deed: String
    /// How bad it is that they can.
    var outcome = RocketChatFinding.Outcome.warning
    let remedy: String
    let sight: @Sendable (JSONValue) -> Sight

    /// What an answer means.
    func finding(_ reply: JSONValue, role: String) -> RocketChatFinding {
        switch sight(reply) {
        case .nothing: hidden
        case .others:
            RocketChatFinding(outcome: outcome, text: "customers can \(deed) (\(call.route))", remedy: remedy)
        case .addresses:
            .fault(
                "customers can read the e-mail addresses of others (\(call.route))",
                "take view-full-other-user-info from the role \(role), and roles that hold it from customers")
        }
    }

    /// What a failure means: a server that says no hides what it was asked for, and one that says nothing proves
    /// nothing.
    func finding(_ failure: RocketChatFailure) -> RocketChatFinding {
        if failure.isAnswer, !failure.isAboutParameters { return hidden }
        return .warning(
            "whether customers can \(deed) could not be tried (\(call.route), status \(failure.status))",
            failure.status == 429
                ? "the rate limit holds for customers' own tokens: run this again in a minute"
                : "run this again; the chat server's log says more")
    }

    private var hidden: RocketChatFinding { .good("customers cannot \(deed) (\(call.route))") }
}
