public import ChatBackend

/// A chat server account that answers customers.
public struct Agent: Sendable, Hashable {
    /// The login name at the chat server.
    public var username: String
    /// For people; not used to find the account.
    public var email: String
    /// Rooms at once at most.
    public var capacity: Int

    /// Makes an agent.
    public init(username: String, email: String = "", capacity: Int) {
        self.username = username
        self.email = email
        self.capacity = capacity
    }

    /// Whether the chat server's account is this agent's; user names are compared without case there.
    public func isSame(as presence: AgentPresence) -> Bool { username.lowercased() == presence.username.lowercased() }
}
