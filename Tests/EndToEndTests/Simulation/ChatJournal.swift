import TestSupport

/// The chat server's journal as the invariants need it: who was in which customer's room, and who was there, at what time.
///
/// **The counting rule.** A room counts for one agent: of the agents who are in it, the one who was added last. While a room is
/// handed over both agents are in it, because the new one is added before the former one leaves; from the moment the new one is
/// in, the former one is on the way out, and their place may be given to somebody else. When the hand-over is rolled back the
/// new one leaves and the room counts for the former one again. A room that waits in a queue after a transfer counts for the
/// agent who is still in it. A room counts until it is deleted or archived. So whoever has a room at the chat server is counted
/// for it, but for the moment of leaving.
struct ChatJournal: Sendable {
    static let kinds = ["room-created", "member-added", "member-removed", "room-deleted", "room-archived", "presence"]

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
    /// By room id: who came in, in order of time.
    private(set) var additions: [String: [Addition]] = [:]
    /// By room id: the agents who are in it at the end, in the order in which they came. Rooms without an agent too.
    private(set) var rooms: [String: [String]] = [:]
    /// Agents who had more rooms than their capacity.
    private(set) var overloads: [String] = []

    private let capacity: [String: Int]

    /// Replays a journal from its beginning.
    init(_ events: [HTTPTestJSON], agents plan: [GatewayTenantPlan.Agent]) {
        capacity = Dictionary(uniqueKeysWithValues: plan.map { ($0.username, $0.capacity) })
        for agent in plan {
            agents[agent.username] = [Change(at: 0, rooms: 0, isOnline: agent.status == "online")]
        }
        for event in events { replay(event) }
    }

    private mutating func replay(_ event: HTTPTestJSON) {
        let (rid, user) = (event["rid"].string ?? "", event["user"].string ?? "")
        let (at, number) = (Int64(event["ms"].int ?? 0), event["n"].int ?? 0)
        switch event["kind"].string {
        case "room-created":
            rooms[rid] = []
            for case let member? in event["members"].array.map(\.string) { add(member, to: rid, at, number) }
        case "member-added": add(user, to: rid, at, number)
        case "member-removed":
            guard let index = rooms[rid]?.firstIndex(of: user) else { return }
            change(rid, at, number) { $0.remove(at: index) }
        case "room-deleted", "room-archived":
            change(rid, at, number) { $0 = [] }
            rooms[rid] = nil
        case "presence":
            guard var last = agents[user]?.last else { return }
            last.at = at
            last.isOnline = event["status"] == "online"
            agents[user]?.append(last)
        default: break
        }
    }

    private mutating func add(_ user: String, to rid: String, _ at: Int64, _ number: Int) {
        guard capacity[user] != nil else { return }
        additions[rid, default: []].append(Addition(at: at, agent: user))
        change(rid, at, number) { $0.append(user) }
    }

    private mutating func change(_ rid: String, _ at: Int64, _ number: Int, _ change: (inout [String]) -> Void) {
        guard var members = rooms[rid] else { return }
        let before = members.last
        change(&members)
        rooms[rid] = members
        guard members.last != before else { return }
        if let before { count(before, by: -1, at, number, rid) }
        if let now = members.last { count(now, by: 1, at, number, rid) }
    }

    private mutating func count(_ agent: String, by step: Int, _ at: Int64, _ number: Int, _ rid: String) {
        guard var last = agents[agent]?.last, let most = capacity[agent] else { return }
        last.at = at
        last.rooms += step
        agents[agent]?.append(last)
        guard step > 0, last.rooms > most else { return }
        overloads.append("event \(number): \(agent) has \(last.rooms) rooms instead of \(most), with \(rid)")
    }
}
