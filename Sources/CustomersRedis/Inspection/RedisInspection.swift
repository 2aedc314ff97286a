public import Customers
public import RedisClient

/// Looks at a tenant's state as a whole, for status pages and operators. No request of a customer needs it, nothing is
/// changed, and every answer is bounded. Everything throws `StoreError`.
public struct RedisInspection: Sendable {
    private let redis: Redis

    /// Makes an inspection over a connection.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// A room in a queue.
    public struct WaitingRoom: Sendable, Equatable {
        /// The room id.
        public var rid: String
        /// When it came into the queue: Unix milliseconds.
        public var since: Int64
    }

    /// How many rooms wait for a department.
    public func queueLength(_ department: DepartmentID, tenant: TenantID) async throws -> Int {
        let reply = try await redis.send(["ZCARD", .string(Keys(tenant).queue(department))])
        guard let count = reply.integer else { throw StoreError.unreadable("a queue") }
        return Int(count)
    }

    /// The first rooms of a department's queue, the next one first.
    public func waitingRooms(
        _ department: DepartmentID, tenant: TenantID, limit: Int
    ) async throws -> [WaitingRoom] {
        let reply = try await redis.send([
            "ZRANGE", .string(Keys(tenant).queue(department)), 0, .int(max(0, limit - 1)), "WITHSCORES",
        ])
        guard let parts = reply.array, parts.count.isMultiple(of: 2) else { throw StoreError.unreadable("a queue") }
        var rooms: [WaitingRoom] = []
        for index in stride(from: 0, to: parts.count, by: 2) {
            guard let rid = parts[index].text, let score = parts[index + 1].text.flatMap({ Double($0) }),
                (0..<0x1p62).contains(score)
            else { continue }
            // The scripts write microseconds; less have rooms that came back to the head of the queue.
            var since = Int64(score) / 1_000
            if score < Self.leastArrival {
                let returned = try await redis.send(["HGET", .string(Keys(tenant).room(rid)), "returned"])
                since = returned.text.flatMap { Int64($0) } ?? Int64(score)
            }
            rooms.append(WaitingRoom(rid: rid, since: since))
        }
        return rooms
    }

    /// Microseconds of a time that is long past.
    private static let leastArrival = 1e14

    /// What each agent is counted for, by backend id: rooms, and slots that are kept for rooms about to be opened.
    public func loads(of tenant: TenantID) async throws -> [String: Int] {
        let reply = try await redis.send(["HGETALL", .string(Keys(tenant).load)])
        guard let fields = reply.fields else { throw StoreError.unreadable("the agents' loads") }
        return fields.mapValues { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    }

    /// Why Redis refuses to keep anything, in its own words: it is full, a replica, or cannot write to its disk. Asked
    /// with a command that would change a key that is never there, so nothing is written.
    ///
    /// - Parameter tenants: in a cluster each one's master is asked; a single server is asked once, whoever there is.
    /// - Returns: the first refusal; nil while there is none, and while nobody answers, which is another trouble.
    public func writeRefusal(of tenants: some Sequence<TenantID>) async -> String? {
        var keys = ["cg:probe"]
        if case .cluster = redis.client.configuration.endpoint { keys = tenants.map { Keys($0).prefix + "probe" } }
        for key in keys {
            do {
                _ = try await redis.client.send(["SET", .string(key), "", "XX", "EX", 1])
            } catch {
                if let refusal = error.server { return refusal.message }
            }
        }
        return nil
    }

    /// Sessions of a tenant in no order, found by SCAN: the server is never held up, and a session that is opened or
    /// closed meanwhile may be missing.
    ///
    /// - Parameters:
    ///   - tenant: whose.
    ///   - limit: sessions to return at most.
    ///   - isWanted: which ones count.
    /// - Returns: the sessions, and whether these are all.
    /// - Throws: `StoreError`.
    public func sessions(
        of tenant: TenantID, limit: Int, where isWanted: (RoomSession) -> Bool = { _ in true }
    ) async throws -> (sessions: [RoomSession], isComplete: Bool) {
        let prefix = Keys(tenant).room("")
        var found: [String: RoomSession] = [:]
        var cursor = "0"
        for _ in 0..<Self.maximumSteps {
            let reply = try await redis.send([
                "SCAN", .string(cursor), "MATCH", .string(prefix + "*"), "COUNT", .int(Self.step),
            ])
            guard let parts = reply.array, parts.count == 2, let next = parts[0].text, let keys = parts[1].array else {
                throw StoreError.unreadable("a scan")
            }
            for key in keys {
                guard let key = key.text, key.hasPrefix(prefix) else { continue }
                let rid = String(key.dropFirst(prefix.count))
                let fields = try await redis.send(["HGETALL", .string(key)]).fields ?? [:]
                // Gone meanwhile, or not ours: what cannot be read is not shown.
                guard let session = try? RoomSession(fields, rid: rid, tenant: tenant), isWanted(session) else {
                    continue
                }
                found[rid] = session
                if found.count >= limit { return (Array(found.values), false) }
            }
            if next == "0" { return (Array(found.values), true) }
            cursor = next
        }
        return (Array(found.values), false)
    }

    /// Keys that one step of a scan looks at, and how many steps there are at most: a million keys.
    private static let step = 500
    private static let maximumSteps = 2_000
}
