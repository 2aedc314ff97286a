import Foundation
import Synchronization
import TestSupport
import Testing

/// One run of the simulation: plays it, and looks at what it left.
final class SimulationRun: Sendable {
    let plan: SimulationPlan
    let log = SimulationLog()
    private let installation: GatewayInstallation
    private let tenant: TestTenant
    private let heartbeat = Heartbeat()
    /// Agents' user names by id.
    private let agentNames: [String: String]
    private let killed = Mutex<[Int64]>([])
    private let next = Mutex(0)
    private let begun = unixMilliseconds()
    private let played = Mutex<Int64>(0)

    /// When gateways were killed, or may have lost replies of Redis.
    var setbacks: [Int64] { killed.withLock { $0 } + heartbeat.standstills }

    init(_ plan: SimulationPlan, _ installation: GatewayInstallation) async throws {
        self.plan = plan
        self.installation = installation
        tenant = TestTenant(
            id: plan.tenant.id, secretKey: plan.tenant.secretKey, client: installation.client, plan: plan.tenant)
        var names: [String: String] = [:]
        for agent in plan.tenant.agents { names[try await installation.chat.logIn(agent.username).id] = agent.username }
        agentNames = names
    }

    // MARK: The play

    /// Until the last customer has gone or is one who stays.
    func play() async throws {
        let accessToken = try await tenant.accessToken()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let background = [
                Task { await heartbeat.run(installation.chat) }, Task { await self.moveAgents() },
            ]
            defer { background.forEach { $0.cancel() } }
            group.addTask { try await self.killGateways() }
            for _ in 0..<plan.crowd {
                group.addTask {
                    while let number = self.nextCustomer() {
                        var customer = SimulatedCustomer(
                            number, plan: self.plan, tenant: self.tenant, accessToken: accessToken,
                            agentNames: self.agentNames, log: self.log, isLate: { self.isLate })
                        try await customer.live()
                    }
                }
            }
            try await group.waitForAll()
        }
        played.withLock { $0 = unixMilliseconds() }
    }

    private var isLate: Bool { next.withLock { $0 >= plan.customers } }

    private func nextCustomer() -> Int? {
        next.withLock { next in
            guard next < plan.customers else { return nil }
            next += 1
            return next - 1
        }
    }

    /// Agents come and go, most of them being there.
    private func moveAgents() async {
        var dice = Dice(seed: plan.seed, player: -2)
        var isOnline = Dictionary(uniqueKeysWithValues: plan.tenant.agents.map { ($0.username, $0.status == "online") })
        while !Task.isCancelled {
            try? await Task.sleep(for: dice.pause(50..<250))
            let agent = plan.tenant.agents[dice.roll(0..<plan.tenant.agents.count)].username
            guard dice.chance(isOnline[agent] == true ? 0.25 : 0.75) else { continue }
            let status = isOnline[agent] == true ? ["offline", "away", "busy"][dice.roll(0..<3)] : "online"
            isOnline[agent] = status == "online"
            try? await installation.chat.setPresence(agent, status)
        }
    }

    /// Two of the gateways die in the middle of their work. One comes back, as systemd brings it back; the other one's
    /// host is gone for good.
    private func killGateways() async throws {
        for (part, gateway) in [(0.35, 1), (0.6, 2)] {
            try await reach(part)
            try installation.daemon(gateway).process.kill()
            killed.withLock { $0.append(unixMilliseconds()) }
        }
        try await reach(0.75)
        try installation.startDaemon(1)
    }

    private func reach(_ part: Double) async throws {
        while Double(log.finished) < part * Double(plan.customers) { try await Task.sleep(for: .milliseconds(20)) }
    }

    // MARK: What is left

    /// The state at the end, once everything that was under way has come to rest.
    func settle() async throws -> SimulationEnd {
        var end = try await look()
        // What is promised in seconds is checked elsewhere; what a crash has left is put right once a minute.
        let deadline = ContinuousClock.now + .seconds(100)
        while !end.problems.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(300))
            end = try await look()
        }
        return end
    }

    private func look() async throws -> SimulationEnd {
        try await SimulationEnd(installation: installation, tenant: tenant, agentNames: agentNames, log: log)
    }

    /// What happened at the chat server; also written to the file that `SIMULATION_JOURNAL` names, one event a line.
    func journal() async throws -> ChatJournal {
        let events = try await installation.chat.journal()
        if let path = ProcessInfo.processInfo.environment["SIMULATION_JOURNAL"] {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let lines = try events.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
            try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
        return ChatJournal(events, agents: plan.tenant.agents)
    }

    func rules(_ journal: ChatJournal) -> QueueRules {
        QueueRules(
            journal: journal, entries: log.entries,
            teams: plan.tenant.departments.map { Set($0.agents.map(\.username)) },
            capacity: Dictionary(uniqueKeysWithValues: plan.tenant.agents.map { ($0.username, $0.capacity) }),
            lost: heartbeat.lost, end: unixMilliseconds())
    }

    func report(_ journal: ChatJournal) -> String {
        let (played, now) = (played.withLock { $0 }, unixMilliseconds())
        func seconds(_ begin: Int64, _ end: Int64) -> String { "\(Double(end - begin) / 1_000) s" }
        let counts = log.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let use = Int((journal.use(from: begun, to: played) * 100).rounded())
        return
            "simulation: \(seconds(begun, now)), \(seconds(begun, played)) of them played, "
            + "\(seconds(0, heartbeat.lost(from: begun, to: now))) lost to the machine; "
            + "\(plan.customers) customers: \(counts); \(journal.rooms.count) rooms are left; "
            + "\(use) % of the places of agents who were online were in use"
    }
}
