internal import ChatBackend
public import Customers
internal import Synchronization

/// All stores of the domain in memory, with the rules that their protocols state; fails when told to.
public final class MemoryStores: Sendable {
    struct Room {
        var session: RoomSession
        /// Its arrival in the queue, for a room that is or was there.
        var queued: Int?
        /// The agent who is counted for it but not in it yet.
        var promoting: String?
        /// The times from which on the sweep's rules count.
        var since: [SweepRule: Int64] = [:]
        /// How often the sweep failed.
        var failures = 0
        /// When it came into the queue, and at which place.
        var arrival: (at: Int64, place: Int)?
        /// It came back because its agent was away.
        var hasReturned = false
        /// Agents who are in the room without having it.
        var visitors: Set<String> = []
        /// Those of them whom nobody is about to take out: that failed.
        var abandoned: Set<String> = []
        var log: [TransferRecord] = []
    }

    /// What somebody is about to make for a customer.
    struct OpeningNotes {
        /// Slots and agents, with the fence of the lock under which they were noted first.
        var notes: [String: String] = [:]
        var key: CustomerKey?
        var groups: [DepartmentID: String] = [:]
        var since: Int64
        var failures = 0
    }

    struct Customer {
        var record: CustomerRecord?
        /// Open rooms by the text of their slot.
        var slots: [String: String] = [:]
        var open: Set<String> = []
        var lastAgent = ""
    }

    struct Key: Hashable {
        var tenant: TenantID
        var text: String
    }

    struct State {
        var customers: [CustomerHash: Customer] = [:]
        var owners: [String: TokenOwner] = [:]
        var locks: [CustomerHash: String] = [:]
        var openings: [CustomerHash: OpeningNotes] = [:]
        var rooms: [Key: Room] = [:]
        var closed: [Key: CustomerHash] = [:]
        /// What an agent is counted for: ids of rooms, and `take:<customer>` for a slot that is kept for a room to
        /// come.
        var loads: [Key: [String]] = [:]
        var presence: [TenantID: AgentRoster] = [:]
        var seen: [TenantID: (agents: [AgentPresence], at: Int64)] = [:]
        var paused: [TenantID: Set<String>] = [:]
        var presenceTurns: [TenantID: String] = [:]
        var tokens: [String: Int] = [:]
        var revoked: Set<String> = []
        var namedCalls: [Key: NamedCall] = [:]
        var arrivals = 0
        /// Milliseconds a place.
        var paces: [DepartmentID: Int64] = [:]
        /// Since when agents with rooms are away.
        var away: [Key: Int64] = [:]
        var absenceTurns: [TenantID: Int64] = [:]
        var reconcileTurns: [TenantID: Int64] = [:]
        /// The store's own clock, Unix milliseconds.
        var time: Int64 = 1_700_000_000_000
        var turns: [TenantID: (fence: String, until: Int64)] = [:]
        var failures: [String: Int] = [:]
        var lostAnswers: [String: Int] = [:]
        var calls: [String] = []
    }

    let state = Mutex(State())
    /// What every call of the store does first, by its name: a test can change the world at that very moment.
    private let before = Mutex<[String: @Sendable () async -> Void]>([:])

    /// Makes empty stores.
    public init() {}

    // MARK: What a test tells them

    /// The next calls of this method (`open`, `find`, `save`, …) throw `StoreError` without effect.
    public func fail(_ method: String, times: Int = 1) { state.withLock { $0.failures[method, default: 0] += times } }

    /// The next call of this method has its effect and throws `StoreError` all the same: the answer was lost.
    public func loseAnswer(_ method: String) { state.withLock { $0.lostAnswers[method, default: 0] += 1 } }

    /// Runs `body` once, before the next call of this method.
    public func before(_ method: String, _ body: @escaping @Sendable () async -> Void) {
        before.withLock { $0[method] = body }
    }

    /// Forgets what is known of the agents, as time does.
    public func forgetPresence() { state.withLock { $0.presence = [:] } }

    /// Forgets whose a chat token is.
    public func loseToken(_ digest: String) { state.withLock { $0.owners[digest] = nil } }

    /// Forgets everything, as a server that was restarted.
    public func forgetEverything() { state.withLock { $0 = State() } }

    /// Returns once this method was called so many times in all.
    public func waitForCalls(_ method: String, count: Int) async throws {
        let begun = ContinuousClock.now
        while calls.count(where: { $0 == method }) < count {
            guard ContinuousClock.now - begun < .seconds(30) else { throw StoreError("\(method) was not called") }
            await Task.yield()
        }
    }

    // MARK: What a test asks them

    /// The names of all calls so far.
    public var calls: [String] { state.withLock { $0.calls } }

    /// Rooms that are counted for an agent.
    public func load(_ agent: String, _ tenant: TenantID) -> Int {
        state.withLock { $0.loads[Key(tenant: tenant, text: agent)]?.count ?? 0 }
    }

    /// All loads of all agents together.
    public var totalLoad: Int { state.withLock { $0.loads.values.reduce(0) { $0 + $1.count } } }

    /// The sessions of all rooms.
    public var sessions: [RoomSession] { state.withLock { $0.rooms.values.map(\.session) } }

    /// The session of a room.
    public func session(_ rid: String, _ tenant: TenantID) -> RoomSession? {
        state.withLock { $0.rooms[Key(tenant: tenant, text: rid)]?.session }
    }

    /// The room ids in a queue, first come first.
    public func queue(_ department: DepartmentID, _ tenant: TenantID) -> [String] {
        state.withLock { $0.queue(department, tenant) }
    }

    /// The transfer log of a room.
    public func log(_ rid: String, _ tenant: TenantID) -> [TransferRecord] {
        state.withLock { $0.rooms[Key(tenant: tenant, text: rid)]?.log ?? [] }
    }

    /// Agents who are in a room without having it.
    public func visitors(_ rid: String, _ tenant: TenantID) -> Set<String> {
        state.withLock { $0.rooms[Key(tenant: tenant, text: rid)]?.visitors ?? [] }
    }

    /// Whether no customer is locked.
    public var areAllUnlocked: Bool { state.withLock { $0.locks.isEmpty } }

    /// How many customers have a record.
    public var recordCount: Int { state.withLock { $0.customers.values.count { $0.record != nil } } }

    /// A customer's record.
    public func record(_ customer: CustomerHash) -> CustomerRecord? {
        state.withLock { $0.customers[customer]?.record }
    }

    // MARK: Calls

    func run<Value: Sendable>(
        _ method: String, _ body: @Sendable (inout State) throws -> Value
    ) async throws -> Value {
        if let first = before.withLock({ $0.removeValue(forKey: method) }) { await first() }
        return try state.withLock { state in
            state.calls.append(method)
            if let count = state.failures[method], count > 0 {
                state.failures[method] = count - 1
                throw StoreError("\(method) was told to fail")
            }
            let value = try body(&state)
            if let count = state.lostAnswers[method], count > 0 {
                state.lostAnswers[method] = count - 1
                throw StoreError("the answer of \(method) was lost")
            }
            return value
        }
    }
}

extension MemoryStores.State {
    func queue(_ department: DepartmentID, _ tenant: TenantID) -> [String] {
        rooms.filter { key, room in
            key.tenant == tenant && room.session.department == department && room.session.state == .waiting
                && room.queued != nil
        }.sorted { ($0.value.queued ?? 0) < ($1.value.queued ?? 0) }.map(\.key.text)
    }

    mutating func free(_ agent: String, _ tenant: TenantID, _ rid: String) {
        let key = MemoryStores.Key(tenant: tenant, text: agent)
        guard var rooms = loads[key], let index = rooms.lastIndex(of: rid) else { return }
        rooms.remove(at: index)
        loads[key] = rooms.isEmpty ? nil : rooms
    }

    static func slot(of customer: CustomerHash) -> String { "take:\(customer.hash)" }

    func has(_ agent: String, _ tenant: TenantID, _ rid: String) -> Bool {
        loads[MemoryStores.Key(tenant: tenant, text: agent)]?.contains(rid) ?? false
    }

    mutating func hold(_ agent: String, _ tenant: TenantID, _ rid: String) {
        guard !agent.isEmpty else { return }
        free(agent, tenant, rid)
        loads[MemoryStores.Key(tenant: tenant, text: agent), default: []].append(rid)
    }

    mutating func pick(
        _ candidates: [AgentCandidate], leastBusy: Bool, except: String, _ tenant: TenantID, preferred: String = ""
    ) -> String? {
        let rooms = { [loads] (candidate: AgentCandidate) in
            loads[MemoryStores.Key(tenant: tenant, text: candidate.id)]?.count ?? 0
        }
        let free = candidates.filter { $0.id != except && rooms($0) < $0.capacity }
        if free.contains(where: { $0.id == preferred }) { return preferred }
        return (leastBusy ? free.min { rooms($0) < rooms($1) } : free.first)?.id
    }

    /// Nobody is promoted to the room any more. Who was on the way into a group is a visitor, and stays counted.
    mutating func endPromotion(_ key: MemoryStores.Key) {
        guard let room = rooms[key], let promoting = room.promoting else { return }
        if room.session.kind == .direct, promoting != room.session.agent { free(promoting, key.tenant, key.text) }
        rooms[key]?.promoting = nil
    }

    /// The customer's slot of a group follows its department.
    mutating func moveSlot(of session: RoomSession, from former: DepartmentID) {
        guard session.kind == .group, former != session.department, customers[session.customer] != nil else { return }
        if customers[session.customer]?.slots[former.text] == session.rid {
            customers[session.customer]?.slots[former.text] = nil
        }
        if customers[session.customer]?.slots[session.department.text] == nil {
            customers[session.customer]?.slots[session.department.text] = session.rid
        }
    }
}
