import Testing
import ChatBackend
import Customers
@testable import CustomersRedis
import EventLoop
import Logging
import RedisClient
import Synchronization
import TestSupport

/// A private redis-server with the stores of two gateways over it, each with a connection of its own.
final class RedisFixture: Sendable {
    let server: RedisServer
    let loops: RunningLoops
    let clients: [RedisClient]
    let clock = Mutex<Int64>(1_700_000_000_000)
    let tenant: TenantID
    let sales: DepartmentID
    let support: DepartmentID

    struct Missing: Error {}

    static func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }

    init() async throws {
        let server = try await RedisServer()
        let loops = try RunningLoops(count: 2)
        self.server = server
        self.loops = loops
        var configuration = try RedisConfiguration(url: server.url)
        // What is tested here are the rules; a busy machine may take its time.
        configuration.commandDeadline = .seconds(20)
        configuration.connectDeadline = .seconds(20)
        clients = loops.group.loops.suffix(2).map {
            RedisClient(
                loop: $0, configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        tenant = try Self.need(TenantID("8009bf1c-5fea-4221-b19a-fd4278fcb06f"))
        sales = try Self.need(DepartmentID("0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b"))
        support = try Self.need(DepartmentID("d2646257-3107-4441-81fd-305101a3bc2e"))
    }

    deinit { for client in clients { client.stop() } }

    func rooms(_ gateway: Int = 0) -> RedisRoomSessionStore { RedisRoomSessionStore(clients[gateway]) }

    func customers(_ gateway: Int = 0) -> RedisCustomerStore {
        RedisCustomerStore(clients[gateway]) { self.clock.withLock { $0 } }
    }

    func redis(_ words: String...) async throws -> RedisReply { try await clients[0].send(words.map { .string($0) }) }

    func key(_ name: String = "bob", _ trust: CustomerKey.Trust = .claimed) throws -> CustomerKey {
        CustomerKey(tenant: tenant, trust: trust, name: try Self.need(CustomerName(name)))
    }

    func record(_ name: String = "bob", token: String = "token") throws -> CustomerRecord {
        CustomerRecord(
            key: try key(name), accountID: "account-\(name)", username: "user-\(name)", sealedToken: [0, 255, 10, 32],
            tokenDigest: ChatTokenDigest(token).text, tokenMade: 1_700_000_000_000)
    }

    func session(
        _ rid: String = "r1", _ name: String = "bob", kind: RoomKind = .group, department: DepartmentID? = nil,
        agent: String = "", state: RoomSession.State = .assigned, previous: [String] = []
    ) throws -> RoomSession {
        RoomSession(
            rid: rid, kind: kind, customer: try key(name).stored, department: department ?? sales, agent: agent,
            state: state,
            groupName: "销售_\(name)", previous: previous, opened: 1_700_000_000_123)
    }

    /// Opens a room the way the domain does: takes the agent, then writes the session.
    @discardableResult
    func open(
        _ rid: String, _ name: String = "bob", kind: RoomKind = .group, department: DepartmentID? = nil,
        agent: String = "",
        state: RoomSession.State? = nil
    ) async throws -> RoomSession {
        if !agent.isEmpty { _ = try await take([agent: .max], for: try key(name).stored.hash) }
        let session = try session(
            rid, name, kind: kind, department: department, agent: agent,
            state: state ?? (agent.isEmpty ? .waiting : .assigned))
        try await customers().save(record(name))
        _ = try await rooms().open(session)
        return session
    }

    func take(
        _ agents: [String: Int], leastBusy: Bool = false, behind queue: DepartmentID? = nil, gateway: Int = 0,
        for customer: String = String(UInt64.random(in: .min ... .max))
    ) async throws -> String? {
        try await rooms(gateway).take(
            from: candidates(agents), leastBusy: leastBusy, behindQueueOf: queue,
            for: CustomerHash(tenant: tenant, hash: customer))
    }

    func candidates(_ agents: [String: Int]) -> [AgentCandidate] {
        agents.sorted { $0.key < $1.key }.map { AgentCandidate(id: $0.key, capacity: $0.value) }
    }

    func promote(
        _ agents: [String: Int], policy: RoutingPolicy = .random, gateway: Int = 0
    ) async throws -> Promotion? {
        try await rooms(gateway).promoteNext(
            in: sales, tenant: tenant, candidates: candidates(agents), policy: policy)
    }

    /// What an agent is counted for: room ids, and `take` for each slot that is kept.
    func load(_ agent: String) async throws -> [String] {
        let members = (try await redis("ZRANGE", "cg:{\(tenant)}:agent:\(agent)", "0", "-1").array ?? []).compactMap(
            \.text)
        let number = try await redis("HGET", "cg:{\(tenant)}:load", agent).integer ?? 0
        #expect(Int(number) == members.count, "the number beside the list is another one")
        return members.map { $0.hasPrefix("take:") ? "take" : $0 }.sorted()
    }

    func roomKey(_ rid: String) -> String { "cg:{\(tenant)}:room:\(rid)" }

    /// An agent was taken out of a room again.
    func leave(_ agent: String, _ rid: String) async throws {
        try await rooms().noteVisitor(agent, isIn: false, rid: rid, tenant: tenant)
    }

    func state(_ rid: String) async throws -> RoomSession.State? {
        try await rooms().find(rid, tenant: tenant)?.session.state
    }

    /// All keys there are.
    func keys() async throws -> [String] {
        (try await redis("KEYS", "*").array ?? []).compactMap(\.text).sorted()
    }

    /// All keys without a time to live; there should be none.
    func immortalKeys() async throws -> [String] {
        var immortal: [String] = []
        for key in try await keys() where try await redis("PTTL", key).integer == -1 { immortal.append(key) }
        return immortal
    }

    /// Lets the slots and promotions that are under way run out, as a minute does.
    func passAMinute() async throws {
        for key in try await keys() where key.contains(":room:") {
            if try await redis("HEXISTS", key, "promoting_until").integer == 1 {
                _ = try await redis("HSET", key, "promoting_until", "1")
            }
            for field in (try await redis("HKEYS", key).array ?? []).compactMap(\.text)
            where field.hasPrefix("visitor:") {
                _ = try await redis("HSET", key, field, "1")
            }
        }
        for key in try await keys() where key.contains(":agent:") {
            for member in (try await redis("ZRANGE", key, "0", "-1").array ?? []).compactMap(\.text)
            where try await redis("ZSCORE", key, member).text != "9007199254740991" {
                _ = try await redis("ZADD", key, "1", member)
            }
        }
    }
}
