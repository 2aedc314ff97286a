public import Customers
public import RedisClient

/// Room sessions in Redis: `cg:{T}:room:<rid>`, `cg:{T}:closed:<rid>`, and what changes with them.
///
/// Loads and queues are in the extension beside this file: what must change together is one script.
public struct RedisRoomSessionStore: RoomSessionStore {
    let redis: Redis

    private static let findRoom = RedisScript(rooms: "find_room", PackageResources.find_room_lua)
    private static let openRoom = RedisScript(rooms: "open_room", PackageResources.open_room_lua)
    private static let assignRoom = RedisScript(rooms: "assign_room", PackageResources.assign_room_lua)
    private static let moveRoom = RedisScript(rooms: "move_room", PackageResources.move_room_lua)
    private static let beginClose = RedisScript(rooms: "begin_close", PackageResources.begin_close_lua)
    private static let letGo = RedisScript(rooms: "let_go", PackageResources.let_go_lua)
    private static let touchRoom = RedisScript(rooms: "touch_room", PackageResources.touch_room_lua)
    private static let finishClose = RedisScript(rooms: "finish_close", PackageResources.finish_close_lua)

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `RoomSessionStore.find(_:tenant:)`.
    public func find(_ rid: String, tenant: TenantID) async throws -> StoredSession? {
        let keys = Keys(tenant)
        let reply = try await redis.run(Self.findRoom, [keys.room(rid)], [.string(rid)])
        guard let parts = reply.array, parts.count == 3, let fields = parts[0].fields else { return nil }
        return Self.stored(try RoomSession(fields, rid: rid, tenant: tenant), place: parts[1], pace: parts[2])
    }

    private static func stored(_ session: RoomSession, place: RedisReply, pace: RedisReply) -> StoredSession {
        StoredSession(
            session: session, place: Int(clamping: place.integer ?? 0),
            pace: pace.integer.flatMap { $0 > 0 ? $0 : nil })
    }

    /// See `RoomSessionStore.open(_:)`.
    public func open(_ session: RoomSession) async throws -> StoredSession {
        let keys = Keys(session.customer.tenant)
        let reply = try await redis.run(
            Self.openRoom,
            [
                keys.room(session.rid), keys.customer(session.customer.hash), keys.queue(session.department),
                keys.closed(session.rid),
            ],
            [
                .string(session.rid), .string(session.slot.text), .string(session.agent),
                session.state == .waiting ? "1" : "0",
            ] + session.fields)
        guard let parts = reply.array, parts.count == 2 else { throw StoreError.unreadable("a place") }
        return Self.stored(session, place: parts[0], pace: parts[1])
    }

    /// See `RoomSessionStore.assign(_:from:)`.
    public func assign(_ session: RoomSession, from former: RoomSession) async throws -> Bool {
        let keys = Keys(session.customer.tenant)
        let reply = try await redis.run(
            Self.assignRoom, [keys.room(session.rid), keys.customer(session.customer.hash)],
            [
                .string(session.rid), .string(former.agent), .string(former.department.text), .string(session.agent),
                .string(session.state.rawValue), .string(session.department.text), .string(session.groupName),
            ])
        return reply.integer == 1
    }

    /// See `RoomSessionStore.move(_:to:)`.
    public func move(_ former: RoomSession, to successor: RoomSession) async throws -> Bool {
        let keys = Keys(former.customer.tenant)
        let reply = try await redis.run(
            Self.moveRoom,
            [keys.room(former.rid), keys.room(successor.rid), keys.customer(former.customer.hash)],
            [
                .string(former.rid), .string(former.agent), .string(former.department.text), .string(successor.rid),
                .string(successor.agent),
            ] + successor.fields)
        return reply.integer == 1
    }

    /// See `RoomSessionStore.beginClose(_:tenant:if:)`.
    public func beginClose(_ rid: String, tenant: TenantID, if idle: IdleRoom?) async throws -> RoomSession? {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.beginClose, [keys.room(rid)],
            [.string(rid), .string(idle?.rule.rawValue ?? ""), .integer(idle?.milliseconds ?? 0)])
        guard let fields = reply.fields else { return nil }
        return try RoomSession(fields, rid: rid, tenant: tenant)
    }

    /// See `RoomSessionStore.letGo(_:)`.
    public func letGo(_ session: RoomSession) async throws {
        _ = try await redis.run(
            Self.letGo, [Keys(session.customer.tenant).room(session.rid)], [.string(session.rid)])
    }

    /// See `RoomSessionStore.touch(_:at:)`.
    public func touch(_ session: RoomSession, at time: Int64?) async throws {
        let keys = Keys(session.customer.tenant)
        _ = try await redis.run(
            Self.touchRoom, [keys.room(session.rid), keys.customer(session.customer.hash)],
            [.string(session.rid), time.map { .integer($0) } ?? ""])
    }

    /// See `RoomSessionStore.finishClose(_:archived:)`.
    public func finishClose(_ session: RoomSession, archived: Bool) async throws {
        let keys = Keys(session.customer.tenant)
        _ = try await redis.run(
            Self.finishClose,
            [keys.room(session.rid), keys.customer(session.customer.hash), keys.closed(session.rid)],
            [
                .string(session.rid), .string(session.slot.text), .string(session.customer.hash),
                archived ? "1" : "0", .int(TimeToLive.archive), .int(TimeToLive.tombstone),
            ])
    }

    /// See `RoomSessionStore.closedRoom(_:tenant:)`.
    public func closedRoom(_ rid: String, tenant: TenantID) async throws -> CustomerHash? {
        let reply = try await redis.send(["GET", .string(Keys(tenant).closed(rid))])
        return reply.text.map { CustomerHash(tenant: tenant, hash: $0) }
    }
}
