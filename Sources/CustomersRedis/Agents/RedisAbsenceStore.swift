public import Customers
public import RedisClient

/// Agents with rooms who are away, and since when: `cg:{T}:away`; whose turn it is to look for them:
/// `cg:{T}:lease:absences`.
public struct RedisAbsenceStore: AbsenceStore {
    private let redis: Redis
    private static let beginLook = RedisScript(rooms: "begin_absences", PackageResources.begin_absences_lua)
    private static let noteAbsences = RedisScript(rooms: "note_absences", PackageResources.note_absences_lua)
    private static let agentAbsence = RedisScript(rooms: "agent_absence", PackageResources.agent_absence_lua)
    private static let agentSessions = RedisScript(rooms: "agent_sessions", PackageResources.agent_sessions_lua)

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `AbsenceStore.begin(tenant:interval:)`.
    public func begin(tenant: TenantID, interval: Int64) async throws -> AbsenceTurn {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.beginLook, [keys.load, keys.away, keys.lease("absences")], [.integer(interval)])
        guard let turn = reply.integer else { return .needless }
        return turn == 1 ? .ours : .taken
    }

    /// See `AbsenceStore.note(present:longerThan:tenant:)`.
    public func note(present: [String], longerThan milliseconds: Int64, tenant: TenantID) async throws -> [String] {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.noteAbsences, [keys.load, keys.away], [.integer(milliseconds)] + present.map { .string($0) })
        return reply.array?.compactMap(\.text) ?? []
    }

    /// See `AbsenceStore.absence(of:tenant:)`.
    public func absence(of agent: String, tenant: TenantID) async throws -> Int64? {
        try await redis.run(Self.agentAbsence, [Keys(tenant).away], [.string(agent)]).integer
    }

    /// See `AbsenceStore.rooms(of:limit:tenant:)`.
    public func rooms(of agent: String, limit: Int, tenant: TenantID) async throws -> [String] {
        let reply = try await redis.run(
            Self.agentSessions, [Keys(tenant).agent(agent)], [.string(agent), .int(limit)])
        return reply.array?.compactMap(\.text) ?? []
    }
}
