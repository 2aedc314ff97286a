import ChatBackend
@testable import Customers
import Logging
import Synchronization
import TestSupport

/// A tenant with two departments, a chat server and stores in memory, and every operation over them.
struct DomainFixture {
    static let tenantID = "8009bf1c-5fea-4221-b19a-fd4278fcb06f"
    static let sales = "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b"
    static let support = "d2646257-3107-4441-81fd-305101a3bc2e"
    static let serverKey = Array(repeating: 7 as UInt8, count: 32)

    var tenant: Tenant
    let chat: ScriptedChatBackend
    let stores: MemoryStores
    let clock: Clock
    /// What was counted.
    let tallied = Events()
    var services: Services

    /// Unix milliseconds that stand still until a test moves them.
    final class Clock: Sendable {
        private let time = Mutex<Int64>(1_700_000_000_000)
        var now: Int64 { time.withLock { $0 } }
        func advance(milliseconds: Int64) { time.withLock { $0 += milliseconds } }
    }

    /// `sales` and `support` are agents' usernames with their capacity, `agents` their presence; without it everybody
    /// is online.
    init(
        sales: [String: Int] = ["anna": 2], support: [String: Int] = ["ben": 2],
        agents: [String: PresenceStatus]? = nil, identity: IdentityPolicy = .claimed(secret: nil),
        close: ClosePolicy = .delete, whenOffline: OfflinePolicy = .queue, routing: RoutingPolicy = .random,
        hasDefault: Bool = true, perAddress: RateLimit? = nil, perTenant: RateLimit? = nil,
        passwords: AccountNaming.PasswordMode = .derived
    ) throws {
        let departments = try [
            Self.department(Self.sales, "sales", sales, isDefault: hasDefault),
            Self.department(Self.support, "售后", support),
        ]
        tenant = Tenant(
            id: try Self.id(), name: "Acme", secretKey: Array("secret".utf8), identity: identity, closePolicy: close,
            whenOffline: whenOffline, routing: routing, departments: departments,
            settings: ClientSettings(config: Array(#"{"theme":"dark"}"#.utf8), timeout: 200, template: "Welcome"))
        let everybody = sales.merging(support) { first, _ in first }.mapValues { _ in PresenceStatus.online }
        let chat = ScriptedChatBackend(agents: agents ?? everybody)
        let stores = MemoryStores()
        let clock = Clock()
        (self.chat, self.stores, self.clock) = (chat, stores, clock)
        services = Services(
            chat: chat, customers: stores, rooms: stores, agents: AgentBoard(chat: chat, store: stores),
            absences: stores, limiter: stores,
            limitPerAddress: perAddress, limitPerTenant: perTenant,
            naming: AccountNaming(key: Self.serverKey, mode: passwords, emailDomain: "customers.invalid"),
            seal: TokenSeal(key: Self.serverKey), now: { clock.now },
            uptime: { [start = ContinuousClock.now] in start },
            sleep: { duration in
                // Time passes only for those who wait.
                clock.advance(milliseconds: Int64(duration / .milliseconds(1)))
                await Task.yield()
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            tally: { [tallied] event in tallied.withLock { $0.append(event) } })
    }

    final class Events: Sendable {
        private let list = Mutex<[DomainEvent]>([])
        func withLock(_ body: (inout [DomainEvent]) -> Void) { list.withLock { body(&$0) } }
        var all: [DomainEvent] { list.withLock { $0 } }
        var repairs: [Repair] {
            all.compactMap { if case .repair(let repair, _) = $0 { repair } else { nil } }
        }
    }

    static func id(_ text: String = tenantID) throws -> TenantID { try need(TenantID(text)) }

    static func departmentID(_ text: String) throws -> DepartmentID { try need(DepartmentID(text)) }

    private static func department(
        _ id: String, _ name: String, _ agents: [String: Int], isDefault: Bool = false
    ) throws -> Department {
        Department(
            id: try departmentID(id), name: name, isDefault: isDefault,
            agents: agents.sorted { $0.key < $1.key }.map { Agent(username: $0.key, capacity: $0.value) },
            settings: ClientSettings(template: "Hello from \(name)"))
    }

    struct Missing: Error {}

    static func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }

    var salesDepartment: Department { tenant.departments[0] }
    var supportDepartment: Department { tenant.departments[1] }

    func agent(_ username: String) -> String { ScriptedChatBackend.id(ofAgent: username) }

    func load(_ username: String) -> Int { stores.load(agent(username), tenant.id) }

    func members(_ rid: String) -> Set<String> { chat.rooms[rid]?.members ?? [] }

    /// `client_connect`.
    func start(
        _ name: String? = nil, department: Department? = nil, token: String? = nil, group: String? = nil,
        address: String = "192.0.2.1", hash: String? = nil, timestamp: String? = nil
    ) async throws -> SessionAnswer {
        try await StartSession(services)(
            StartSession.Request(
                tenant: tenant, department: department ?? tenant.defaultDepartment,
                claim: IdentityClaim(name: name, userHash: hash, timestamp: timestamp), chatToken: token,
                groupID: group, address: address))
    }

    /// `connect`.
    func connect(_ name: String) async throws -> SessionAnswer {
        try await ConnectDirectly(services)(tenant: tenant, name: name)
    }

    func close(_ rid: String, as caller: Caller? = nil) async throws {
        try await CloseSession(services)(tenant: tenant, caller: caller ?? .tenant(tenant.id), rid: rid)
    }

    func transfer(
        _ rid: String, to target: TransferSession.Target, as caller: Caller? = nil
    ) async throws -> SessionAnswer {
        try await TransferSession(services)(tenant: tenant, caller: caller ?? .tenant(tenant.id), rid: rid, to: target)
    }

    func read(_ rid: String, as caller: Caller? = nil, count: Int = 20) async throws -> HistoryPage {
        try await ReadHistory(services)(
            caller: caller ?? .tenant(tenant.id), rid: rid, count: count, position: .latest,
            includesSystemMessages: false)
    }

    /// A round that takes rooms from agents who are away, as late as the next one begins.
    func reassign() async {
        stores.passTime(milliseconds: 60_000)
        stores.forgetPresence()
        await ReassignRooms(services)(tenant)
    }

    /// A round of the reconciliation, a minute after the last one.
    func reconcile() async {
        stores.passTime(milliseconds: 60_000)
        await ReconcileTenant(services, store: stores)(tenant)
    }

    func serve(_ department: Department) async { await ServeQueue(services)(tenant: tenant, department: department) }

    /// An agent's status from now on, known to everybody.
    func set(_ username: String, _ status: PresenceStatus?) {
        chat.set(username, status)
        stores.forgetPresence()
    }

    /// The caller who has this token.
    func caller(_ answer: SessionAnswer) -> Caller { .customer(answer.session.customer, isLive: true) }
}
