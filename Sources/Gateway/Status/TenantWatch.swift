internal import ChatBackend
internal import Customers
internal import CustomersRedis
internal import EventLoop

/// Looks at tenants' queues and agents for those who watch.
///
/// Loads and queues are read each time. Who is there is what the fleet knows at the moment; when it knows nothing, the
/// chat server is asked, but not more than twice a minute for a tenant, so that watching costs it next to nothing.
actor TenantWatch {
    private let loop: EventLoop
    private let inspection: RedisInspection
    private let store: any PresenceStore
    private let board: AgentBoard
    private let now: @Sendable () -> Int64
    private var rosters: [TenantID: (roster: AgentRoster, at: UInt64)] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private static let lifetime: UInt64 = 30_000_000_000

    init(
        loop: EventLoop, inspection: RedisInspection, store: any PresenceStore, board: AgentBoard,
        now: @escaping @Sendable () -> Int64
    ) {
        self.loop = loop
        self.inspection = inspection
        self.store = store
        self.board = board
        self.now = now
    }

    /// A tenant's condition. What cannot be known is said, not thrown. `asking` lets it ask the chat server who is
    /// there: not while that is away.
    func status(of tenant: Tenant, asking: Bool) async -> GatewayStatus.Tenant {
        var status = GatewayStatus.Tenant(id: tenant.id.text, name: tenant.name)
        do {
            status.queues = try await queues(of: tenant)
            let roster = try await roster(of: tenant, asking: asking)
            status.presence = roster?.source.rawValue ?? GatewayStatus.Tenant.unknownPresence
            status.presenceTrouble = roster.flatMap { $0.trouble.isEmpty ? nil : $0.trouble }
            status.agents = try await agents(of: tenant, roster: roster)
        } catch {
            status.error = (error as? StoreError)?.message ?? "\(error)"
        }
        return status
    }

    /// Why Redis refuses to keep anything of these tenants; nil while it does not.
    func writeRefusal(of tenants: some Sequence<Tenant>) async -> String? {
        await inspection.writeRefusal(of: tenants.map(\.id))
    }

    /// All queues, also the empty ones; the tenant's own only when somebody waits there or it is the only one.
    private func queues(of tenant: Tenant) async throws -> [GatewayStatus.Queue] {
        var queues: [GatewayStatus.Queue] = []
        for department in tenant.departments + [tenant.everyone] {
            let length = try await inspection.queueLength(department.id, tenant: tenant.id)
            if department.id == .zero, length == 0, !queues.isEmpty { continue }
            var queue = GatewayStatus.Queue(
                department: department.id.text, name: department.id == .zero ? "(everyone)" : department.name,
                length: length)
            if length > 0,
                let next = try await inspection.waitingRooms(department.id, tenant: tenant.id, limit: 1).first
            {
                queue.longestSeconds = Int(max(0, now() - next.since) / 1_000)
            }
            queues.append(queue)
        }
        return queues
    }

    /// All agents with what they have to do.
    private func agents(of tenant: Tenant, roster: AgentRoster?) async throws -> [GatewayStatus.Agent] {
        let loads = try await inspection.loads(of: tenant.id)
        return tenant.agents.map { agent in
            let known = roster?.agents.first { agent.isSame(as: $0) }
            return GatewayStatus.Agent(
                username: agent.username, status: known?.status.rawValue ?? (roster == nil ? "unknown" : "absent"),
                rooms: known.flatMap { loads[$0.id] } ?? 0, capacity: agent.capacity,
                isPaused: roster?.paused.contains(agent.username.lowercased()) ?? false)
        }
    }

    private func roster(of tenant: Tenant, asking: Bool) async throws -> AgentRoster? {
        let look = try await store.look(tenant: tenant.id, fence: nil)
        if let known = look.fresh {
            rosters[tenant.id] = (known, loop.now)
            return known
        }
        // Who is paused is always known.
        let remembered = rosters[tenant.id].map { roster, at in
            var roster = roster
            roster.paused = look.paused
            return (roster, at)
        }
        if let (roster, at) = remembered, loop.now &- at < Self.lifetime { return roster }
        // The chat server's own condition is shown elsewhere.
        guard asking, let asked = try? await board.roster(of: tenant) else { return remembered?.0 }
        rosters[tenant.id] = (asked, loop.now)
        return asked
    }
}
