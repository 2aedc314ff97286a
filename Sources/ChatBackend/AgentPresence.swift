/// An agent as the chat server knows them right now.
public struct AgentPresence: Sendable, Hashable {
    /// The chat server's user id: the API's `agent_id`.
    public var id: String
    /// The login name from the tenant's configuration.
    public var username: String
    /// What the server says.
    public var status: PresenceStatus

    /// Makes a presence.
    public init(id: String, username: String, status: PresenceStatus) {
        self.id = id
        self.username = username
        self.status = status
    }
}

/// How reachable somebody is.
public enum PresenceStatus: String, Sendable, Hashable, CaseIterable {
    case online, away, busy, offline
}
