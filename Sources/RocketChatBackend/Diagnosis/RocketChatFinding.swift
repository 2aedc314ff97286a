/// Something that a look at the chat server brought to light.
public struct RocketChatFinding: Sendable, Equatable {
    /// How bad it is.
    public enum Outcome: Sendable, Equatable {
        /// As it should be.
        case good
        /// Good to know; nothing is wrong.
        case note
        /// The gateway works, but not as well as it could.
        case warning
        /// Customers get errors.
        case fault
    }

    /// How bad it is.
    public var outcome: Outcome
    /// What was found; no secrets.
    public var text: String
    /// What to do about it, or "".
    public var remedy: String

    static func good(_ text: String) -> RocketChatFinding { RocketChatFinding(outcome: .good, text: text, remedy: "") }

    static func warning(_ text: String, _ remedy: String) -> RocketChatFinding {
        RocketChatFinding(outcome: .warning, text: text, remedy: remedy)
    }

    static func fault(_ text: String, _ remedy: String) -> RocketChatFinding {
        RocketChatFinding(outcome: .fault, text: text, remedy: remedy)
    }
}
