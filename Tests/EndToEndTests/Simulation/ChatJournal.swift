import TestSupport

/// The chat server's journal as the invariants need it: who was in which customer's room, and who was there, at what
/// time.
///
/// **The counting rule.** A room counts for one agent: of the agents who are in it, the one who was added last. While a
/// room is handed over both agents are in it, because the new one is added before the former one leaves; from the
/// moment the new one is in, the former one is on the way out, and their place may be given to somebody else. When the
/// hand-over is rolled back the new one leaves and the room counts for the former one again. A room that waits in a
/// queue after a transfer counts for the agent who is still in it. A room counts until it is deleted or archived. So
/// whoever has a room at the chat server is counted for it, but for the moment of leaving.
struct ChatJournal: Sendable {
    /// A moment from which on an agent has so many rooms.
    struct Change: Sendable {
        var at: Int64
        var rooms: Int
        var isOnline: Bool
    }

    /// An agent came into a room.
    struct Addition: Sendable {
        var at: Int64
        var agent: String
    }

    /// By user name: what an agent had to do, in order of time.
    private(set) var agents: [String: [Change]] = [:]
    /// By room id: who came in, in order of time. Who was taken out again before anybody else came was not given the
    /// room: that was rolled back.
    private(set) var additions: [String: [Addition]] = [:]
    /// By room id: the agents who are in it at the end, in the order in which they came. Rooms without an agent too.
    private(set) var rooms: [String: [String]] = [:]
    /// Agents who had more rooms than their capacity.
    private(set) var overloads: [String] = []

    private let capacity: [String: Int]

    /// Replays a journal from its beginning.
    init(_ events: [ChatEvent], agents plan: [GatewayTenantPlan.Agent]) {
        capacity = Dictionary(uniqueKeysWithValues: plan.map { ($0.username, $0.capacity) })
        for agent in plan {
            agents[agent.username] = [Change(at: 0, rooms: 0, isOnline: agent.status == "online")]
        }
        for event in events { replay(event) }
    }

    private mutating func replay(_ event: ChatEvent) {
        switch event.kind {
        case .roomCreated:
            rooms[event.rid] = []
            for member in event.members { add(member, event) }
        case .memberAdded: add(event.user, event)
        case .memberRemoved:
            guard let members = rooms[event.rid], let index = members.firstIndex(of: event.user) else { return }
            if index == members.count - 1 { _ = additions[event.rid]?.popLast() }
            change(event) { $0.remove(at: index) }
        case .roomDeleted, .roomArchived:
            change(event) { $0 = [] }
            rooms[event.rid] = nil
        case .presence:
            guard var last = agents[event.user]?.last else { return }
            last.at = event.at
            last.isOnline = event.status == "online"
            agents[event.user]?.append(last)
        }
    }

    private mutating func add(_ user: String, _ event: ChatEvent) {
        guard capacity[user] != nil else { return }
        additions[event.rid, default: []].append(Addition(at: event.at, agent: user))
        change(event) { $0.append(user) }
    }

    private mutating func change(_ event: ChatEvent, _ change: (inout [String]) -> Void) {
        // Taken out of the dictionary, so that the change is made in place.
        guard var members = rooms.removeValue(forKey: event.rid) else { return }
        let before = members.last
        change(&members)
        let now = members.last
        rooms[event.rid] = members
        guard now != before else { return }
        if let before { count(before, by: -1, event) }
        if let now { count(now, by: 1, event) }
    }

    private mutating func count(_ agent: String, by step: Int, _ event: ChatEvent) {
        guard var last = agents[agent]?.last, let most = capacity[agent] else { return }
        last.at = event.at
        last.rooms += step
        agents[agent]?.append(last)
        guard step > 0, last.rooms > most else { return }
        overloads.append(
            "event \(event.number): \(agent) has \(last.rooms) rooms instead of \(most), with \(event.rid)")
    }

    /// What share of the places that agents had while they were online was in use, from 0 to 1.
    func use(from begin: Int64, to end: Int64) -> Double {
        var (used, offered) = (Int64(0), Int64(0))
        for (agent, changes) in agents {
            for (change, next) in zip(changes, changes.dropFirst().map(\.at) + [end]) where change.isOnline {
                let span = max(0, min(next, end) - max(change.at, begin))
                used += span * Int64(change.rooms)
                offered += span * Int64(capacity[agent] ?? 0)
            }
        }
        return offered > 0 ? Double(used) / Double(offered) : 0
    }
}
