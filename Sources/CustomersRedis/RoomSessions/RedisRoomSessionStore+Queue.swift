public import Customers
import RedisClient

/// Agents' loads and departments' queues: `cg:{T}:load`, `cg:{T}:queue:<department>`.
extension RedisRoomSessionStore {
    private static let takeAgent = RedisScript(rooms: "take_agent", PackageResources.take_agent_lua)
    private static let releaseAgent = RedisScript(rooms: "release_agent", PackageResources.release_agent_lua)
    private static let enqueueRoom = RedisScript(rooms: "enqueue_room", PackageResources.enqueue_room_lua)
    private static let promote = RedisScript(rooms: "promote_next", PackageResources.promote_next_lua)
    private static let returnRoom = RedisScript(rooms: "return_room", PackageResources.return_room_lua)
    private static let keepPromotion = RedisScript(rooms: "keep_promotion", PackageResources.keep_promotion_lua)
    private static let undoPromotion = RedisScript(rooms: "undo_promotion", PackageResources.undo_promotion_lua)

    /// See `RoomSessionStore.take(from:leastBusy:behindQueueOf:for:)`.
    public func take(
        from candidates: [AgentCandidate], leastBusy: Bool, behindQueueOf queue: DepartmentID?,
        for customer: CustomerHash
    ) async throws -> String? {
        let keys = Keys(customer.tenant)
        let reply = try await redis.run(
            Self.takeAgent, [keys.load, keys.queue(queue ?? .zero)],
            [leastBusy ? "1" : "0", queue == nil ? "0" : "1", .string(customer.hash)] + Self.arguments(candidates))
        return reply.text
    }

    /// See `RoomSessionStore.count(_:for:)`.
    public func count(_ agent: String, for customer: CustomerHash) async throws {
        // They have the room, whatever their capacity.
        let candidate = AgentCandidate(id: agent, capacity: .max)
        _ = try await take(from: [candidate], leastBusy: false, behindQueueOf: nil, for: customer)
    }

    /// See `RoomSessionStore.release(_:for:)`.
    public func release(_ agent: String, for customer: CustomerHash) async throws {
        _ = try await redis.run(
            Self.releaseAgent, [Keys(customer.tenant).load], [.string(agent), .string(customer.hash)])
    }

    /// See `RoomSessionStore.enqueue(_:)`.
    public func enqueue(_ session: RoomSession) async throws -> Int? {
        let keys = Keys(session.customer.tenant)
        let reply = try await redis.run(
            Self.enqueueRoom,
            [keys.room(session.rid), keys.queue(session.department), keys.customer(session.customer.hash)],
            [.string(session.rid), .string(session.department.text), .string(session.groupName)])
        return reply.integer.map { Int($0) }
    }

    /// See `RoomSessionStore.returnToQueue(_:keepingAgent:)`.
    public func returnToQueue(_ session: RoomSession, keepingAgent: Bool) async throws -> Int? {
        let keys = Keys(session.customer.tenant)
        let reply = try await redis.run(
            Self.returnRoom, [keys.room(session.rid), keys.queue(session.department)],
            [.string(session.rid), .string(session.agent), keepingAgent ? "1" : "0"])
        return reply.integer.map { Int($0) }
    }

    /// See `RoomSessionStore.promoteNext(in:tenant:candidates:policy:)`.
    public func promoteNext(
        in department: DepartmentID, tenant: TenantID, candidates: [AgentCandidate], policy: RoutingPolicy
    ) async throws -> Promotion? {
        let keys = Keys(tenant)
        let reply = try await redis.run(
            Self.promote, [keys.load, keys.queue(department)],
            [Self.argument(policy)] + Self.arguments(candidates))
        guard let parts = reply.array, parts.count == 3, let rid = parts[0].text, let agent = parts[1].text,
            let fields = parts[2].fields
        else { return nil }
        return Promotion(session: try RoomSession(fields, rid: rid, tenant: tenant), agent: agent)
    }

    /// See `RoomSessionStore.keepUp(_:)`.
    public func keepUp(_ promotion: Promotion) async throws {
        let session = promotion.session
        _ = try await redis.run(
            Self.keepPromotion, [Keys(session.customer.tenant).room(session.rid)], [.string(promotion.agent)])
    }

    /// See `RoomSessionStore.undo(_:toEnd:)`.
    public func undo(_ promotion: Promotion, toEnd: Bool) async throws {
        let session = promotion.session
        let keys = Keys(session.customer.tenant)
        _ = try await redis.run(
            Self.undoPromotion, [keys.room(session.rid), keys.queue(session.department)],
            [.string(session.rid), .string(promotion.agent), toEnd ? "1" : "0"])
    }

    /// See `RoomSessionStore.waiting(in:tenant:)`.
    public func waiting(in departments: [DepartmentID], tenant: TenantID) async throws -> [DepartmentID] {
        let keys = Keys(tenant)
        // Usually nobody waits anywhere, and one look says so.
        let any = try await redis.send(["EXISTS"] + departments.map { .string(keys.queue($0)) })
        guard any.integer != 0 else { return [] }
        return try await withThrowingTaskGroup(of: (DepartmentID, Bool).self) { group in
            for department in departments {
                group.addTask {
                    let reply = try await redis.send(["EXISTS", .string(keys.queue(department))])
                    return (department, reply.integer == 1)
                }
            }
            return try await group.reduce(into: []) { if $1.1 { $0.append($1.0) } }
        }
    }

    private static func argument(_ policy: RoutingPolicy) -> RedisArgument {
        switch policy {
        case .random: "0"
        case .leastBusy: "1"
        case .sticky: "2"
        }
    }

    private static func arguments(_ candidates: [AgentCandidate]) -> [RedisArgument] {
        candidates.flatMap { [.string($0.id), .int($0.capacity)] }
    }
}
