public import Customers
public import RedisClient

/// The sweep's lists in Redis: `cg:{T}:closing`, `cg:{T}:waiting`, `cg:{T}:open` (sorted sets, room id → Unix
/// milliseconds, kept by the scripts that change rooms), `cg:{T}:opening` (the same of customers, with what is noted of
/// each in `cg:{T}:opening:<customer>`) and its lease, `cg:{T}:lease:sweep`.
public struct RedisSweepStore: SweepStore {
    private let redis: Redis

    private static let beginSweep = RedisScript(rooms: "begin_sweep", PackageResources.begin_sweep_lua)
    private static let postponeRoom = RedisScript(rooms: "postpone_room", PackageResources.postpone_room_lua)
    private static let lapsedOpening = RedisScript(rooms: "lapsed_opening", PackageResources.lapsed_opening_lua)
    private static let freeOpening = RedisScript(rooms: "free_opening", PackageResources.free_opening_lua)
    private static let endOpening = RedisScript(rooms: "end_opening", PackageResources.end_opening_lua)
    private static let renewLease = RedisScript("renew_lease", PackageResources.renew_lease_lua)

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `SweepStore.begin(tenant:ages:limit:)`.
    public func begin(tenant: TenantID, ages: [SweepRule: Int64], limit: Int) async throws -> SweepTurn? {
        let fence = String(UInt64.random(in: .min ... .max), radix: 36)
        let rules = SweepRule.allCases
        let reply = try await redis.run(
            Self.beginSweep, [Keys(tenant).lease("sweep")],
            [.string(fence), .int(TimeToLive.sweep), .int(TimeToLive.sweepPause), .int(limit)]
                + rules.flatMap { [.string($0.rawValue), .integer(ages[$0] ?? 0)] })
        guard let lists = reply.array else { return nil }
        guard lists.count == rules.count else { throw StoreError.unreadable("what is due") }
        let due = zip(rules, lists).flatMap { rule, list in
            let items = list.array ?? []
            return stride(from: 0, to: items.count - 1, by: 2).compactMap { index in
                items[index].text.map {
                    SweepTurn.Room(rid: $0, rule: rule, failures: Int(items[index + 1].integer ?? 0))
                }
            }
        }
        return SweepTurn(tenant: tenant, fence: fence, due: due)
    }

    /// See `SweepStore.renew(_:)`.
    public func renew(_ turn: SweepTurn) async throws -> Bool { try await keep(turn, for: TimeToLive.sweep) }

    /// See `SweepStore.end(_:)`.
    public func end(_ turn: SweepTurn) async throws { _ = try await keep(turn, for: TimeToLive.sweepPause) }

    private func keep(_ turn: SweepTurn, for milliseconds: Int) async throws -> Bool {
        let reply = try await redis.run(
            Self.renewLease, [Keys(turn.tenant).lease("sweep")], [.string(turn.fence), .int(milliseconds)])
        return reply.integer == 1
    }

    /// See `SweepStore.postpone(_:by:age:tenant:)`.
    public func postpone(_ room: SweepTurn.Room, by delay: Int64, age: Int64, tenant: TenantID) async throws {
        let keys = Keys(tenant)
        _ = try await redis.run(
            Self.postponeRoom,
            [keys.rooms(room.rule), room.rule == .opening ? keys.opening(room.rid) : keys.room(room.rid)],
            [.string(room.rid), .integer(age), .integer(delay)])
    }

    /// See `SweepStore.forget(_:tenant:)`.
    public func forget(_ room: SweepTurn.Room, tenant: TenantID) async throws {
        _ = try await redis.send(["ZREM", .string(Keys(tenant).rooms(room.rule)), .string(room.rid)])
    }

    /// See `SweepStore.lapsedOpening(of:)`.
    public func lapsedOpening(of customer: CustomerHash) async throws -> LapsedOpening? {
        let keys = Keys(customer.tenant)
        let reply = try await redis.run(
            Self.lapsedOpening, [keys.opening(customer.hash), keys.customer(customer.hash)], [])
        guard !reply.isNull else { return nil }
        guard let fields = reply.fields else { throw StoreError.unreadable("an opening") }
        return LapsedOpening(fields, of: customer)
    }

    /// See `SweepStore.free(_:)`.
    public func free(_ opening: LapsedOpening) async throws {
        _ = try await redis.run(
            Self.freeOpening, [Keys(opening.customer.tenant).opening(opening.customer.hash)],
            opening.agents.map { .string($0) })
    }

    /// See `SweepStore.end(_:)`.
    public func end(_ opening: LapsedOpening) async throws {
        _ = try await redis.run(
            Self.endOpening, [Keys(opening.customer.tenant).opening(opening.customer.hash)],
            opening.notes.map { .string($0) })
    }
}
