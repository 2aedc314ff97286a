public import Customers
public import RedisClient

/// The reconciliation's turn in Redis: `cg:{T}:lease:reconcile`, and how far it came, `cg:{T}:reconciled`.
public struct RedisReconcileStore: ReconcileStore {
    private let redis: Redis

    private static let beginReconcile = RedisScript(rooms: "begin_reconcile", PackageResources.begin_reconcile_lua)
    private static let settleRoom = RedisScript(rooms: "settle_room", PackageResources.settle_room_lua)

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `ReconcileStore.begin(tenant:departments:limit:)`.
    public func begin(
        tenant: TenantID, departments: [DepartmentID], limit: Int
    ) async throws -> ReconcileTurn? {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.beginReconcile, [keys.load, keys.lease("reconcile"), keys.reconciled],
            [.int(TimeToLive.reconcile), .int(limit)] + departments.map { .string($0.text) })
        guard let parts = reply.array else { return nil }
        guard parts.count == 4, let rooms = parts[3].array else { throw StoreError.unreadable("a reconciliation") }
        func count(_ index: Int) -> Int { Int(clamping: parts[index].integer ?? 0) }
        return ReconcileTurn(
            repairs: [.lostSlot: count(0), .count: count(1), .queueEntry: count(2)], rooms: rooms.compactMap(\.text))
    }

    /// See `ReconcileStore.settle(_:tenant:)`.
    public func settle(_ rid: String, tenant: TenantID) async throws -> SettledRoom {
        let reply = try await redis.run(Self.settleRoom, [Keys(tenant).room(rid)], [.string(rid)])
        guard let parts = reply.array, parts.count >= 4 else { throw StoreError.unreadable("a room's slots") }
        let repairs = zip([Repair.count, .waitingRoom, .queueEntry], parts).filter { $1.integer == 1 }.map(\.0)
        return SettledRoom(
            repairs: repairs, isPromoting: parts[3].integer == 1, visitors: parts.dropFirst(4).compactMap(\.text))
    }
}
