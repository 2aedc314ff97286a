public import ChatBackend

/// Where the fleet shares what the chat server said about a tenant's agents. Throws ``StoreError`` when the store is away.
public protocol PresenceStore: Sendable {
    /// What is known and no older than the store's time to live; nil when nothing is.
    func presence(tenant: TenantID) async throws -> [AgentPresence]?

    /// Shares what was just learned.
    func save(_ presence: [AgentPresence], tenant: TenantID) async throws
}
