public import ChatBackend

/// What is known of a tenant's agents at one moment: who is there, and who takes customers.
public struct AgentRoster: Sendable, Equatable {
    /// Where the knowledge comes from.
    public enum Source: String, Sendable, CaseIterable {
        /// The chat server said so, of all at once.
        case chatServer = "chat_server"
        /// The chat server has switched its list of the present off; each agent was asked for.
        case oneByOne = "one_by_one"
        /// The chat server does not say. Whoever was online when it last did, at most ``PresenceLook/memory`` ago,
        /// counts as online and everybody else as offline.
        case lastSeen = "last_seen"
    }

    /// All agents of the tenant that the chat server knows, with their ids.
    public var agents: [AgentPresence]
    /// The usernames, in lower case, of those who take no new rooms (`customersctl agent pause`).
    public var paused: Set<String>
    /// See ``Source``.
    public var source: Source
    /// Why the chat server could not be asked; "" when it was.
    public var trouble: String

    /// Makes a roster.
    public init(
        agents: [AgentPresence], paused: Set<String> = [], source: Source = .chatServer, trouble: String = ""
    ) {
        self.agents = agents
        self.paused = paused
        self.source = source
        self.trouble = trouble
    }

    /// The agent with this backend id.
    public func agent(_ id: String) -> AgentPresence? { agents.first { $0.id == id } }

    /// Whether an admin has paused the agent.
    public func isPaused(_ agent: AgentPresence) -> Bool { paused.contains(agent.username.lowercased()) }

    /// Whether the agent is there and takes new rooms, as far as there is a free slot.
    public func isAvailable(_ agent: AgentPresence) -> Bool { agent.status == .online && !isPaused(agent) }
}
