/// Where the fleet notes which agents with rooms are away, and since when, by the store's own clock. Throws
/// ``StoreError`` when the store is away.
public protocol AbsenceStore: Sendable {
    /// Takes the turn to look, unless no agent has a room or somebody had it less than `interval` milliseconds ago.
    func begin(tenant: TenantID, interval: Int64) async throws -> AbsenceTurn

    /// Notes who of the agents with rooms is not among those present (backend ids).
    ///
    /// - Returns: who has been away for so long or longer, the longest first.
    func note(present: [String], longerThan milliseconds: Int64, tenant: TenantID) async throws -> [String]

    /// For how many milliseconds an agent with rooms has been away; nil when they are not known to be.
    func absence(of agent: String, tenant: TenantID) async throws -> Int64?

    /// The ids of the rooms that an agent has, those that were opened first at the front.
    func rooms(of agent: String, limit: Int, tenant: TenantID) async throws -> [String]
}
