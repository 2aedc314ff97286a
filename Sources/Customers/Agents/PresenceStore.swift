public import ChatBackend

/// Where the fleet shares what the chat server said about a tenant's agents, and who of them is paused. One gateway at
/// a time has the turn to ask the chat server. Throws ``StoreError`` when the store is away.
public protocol PresenceStore: Sendable {
    /// What is known, in one round trip.
    ///
    /// With a fence, and when nothing is known that is fresh, the caller gets the turn for two seconds unless somebody
    /// else has it.
    func look(tenant: TenantID, fence: String?) async throws -> PresenceLook

    /// Keeps the turn for two seconds more.
    ///
    /// - Returns: false when it has run out.
    func renewTurn(_ fence: String, tenant: TenantID) async throws -> Bool

    /// Shares what was learned for three seconds, and gives the turn back. What the chat server said is remembered for
    /// ``AgentRoster/Source/lastSeen``. Who is paused is not looked at.
    func save(_ roster: AgentRoster, tenant: TenantID, fence: String) async throws

    /// Gives the turn back, with nothing learned.
    func endTurn(_ fence: String, tenant: TenantID) async throws

    /// An agent takes no new rooms from now on, or does again. By username, whatever its case.
    func setPaused(_ isPaused: Bool, username: String, tenant: TenantID) async throws
}

/// What ``PresenceStore/look(tenant:fence:)`` finds.
public struct PresenceLook: Sendable {
    /// What was learned less than three seconds ago.
    public var fresh: AgentRoster?
    /// What the chat server said when it was last understood, with nobody paused; nil when it never was.
    public var last: [AgentPresence]?
    /// How long ago that was, in milliseconds.
    public var lastAge: Int64
    /// Lower-case usernames.
    public var paused: Set<String>
    /// Whether the caller is to ask the chat server.
    public var hasTurn: Bool

    /// For so long, in milliseconds, somebody who was online counts as online although the chat server does not say so
    /// any more.
    public static let memory: Int64 = 600_000

    /// Makes a finding.
    public init(
        fresh: AgentRoster? = nil, last: [AgentPresence]? = nil, lastAge: Int64 = 0, paused: Set<String> = [],
        hasTurn: Bool = false
    ) {
        self.fresh = fresh
        self.last = last
        self.lastAge = lastAge
        self.paused = paused
        self.hasTurn = hasTurn
    }

    /// What holds while the chat server does not say who is there: by when these agents were last seen.
    ///
    /// - Parameters:
    ///   - usernames: the agents of the configuration.
    ///   - trouble: why it does not say.
    /// - Returns: nil when none of them was ever seen.
    public func lastSeen(_ usernames: [String], trouble: String) -> AgentRoster? {
        let wanted = Set(usernames.map { $0.lowercased() })
        guard let known = last?.filter({ wanted.contains($0.username.lowercased()) }), !known.isEmpty else {
            return nil
        }
        let agents = known.map { agent in
            var agent = agent
            if agent.status != .online || lastAge > Self.memory { agent.status = .offline }
            return agent
        }
        return AgentRoster(agents: agents, paused: paused, source: .lastSeen, trouble: trouble)
    }
}
