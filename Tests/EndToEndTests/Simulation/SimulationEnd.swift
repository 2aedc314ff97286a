import TestSupport

/// How things stand once nothing moves any more: every customer who stayed has an agent or a right place, and what the
/// gateways count in Redis is what the chat server has.
struct SimulationEnd: Sendable {
    /// A room that is open, and what its customer is told of it.
    struct Answer: Sendable {
        var room: SimulationLog.OpenRoom
        /// The room that the customer was given when they called again; nil when the call failed.
        var rid: String?
        /// The place in the queue, 0 for none.
        var wait = 0
        /// The user name of the agent; "" for none.
        var agent = ""
        /// For people: the whole answer.
        var text = ""
    }

    /// By room id: the agents who are in it at the chat server. Rooms without an agent too.
    var agentsIn: [String: [String]]
    /// What the customers who stayed are told.
    var answers: [Answer]
    /// By user name: for how many rooms an agent is counted in Redis.
    var counted: [String: Int]
    /// The user names of all agents.
    var agents: Set<String>

    /// What is not as it should be.
    var problems: [String] { customers + places + orphans + counters }

    private var customers: [String] {
        answers.compactMap { answer in
            let rid = answer.room.rid
            guard answer.rid == rid else { return "\(rid) cannot be resumed: \(answer.text)" }
            let agents = agentsIn[rid]
            if answer.wait > 0 {
                // Who was transferred keeps an agent until another one comes.
                return agents.map { $0.count > 1 } ?? true ? "\(rid) waits with \(agents ?? [])" : nil
            }
            guard agents != [answer.agent] else { return nil }
            return "\(rid) has \(agents ?? []), and its customer is told \(answer.text)"
        }
    }

    /// The places of a department are 1, 2, 3 …, and in the order of arrival where there is one.
    private var places: [String] {
        Dictionary(grouping: answers.filter { $0.wait > 0 }, by: \.room.department).sorted { $0.key < $1.key }.flatMap {
            department, waiters -> [String] in
            let line = waiters.sorted { $0.wait < $1.wait }
            guard line.map(\.wait) == Array(1...line.count) else {
                return ["the places in the queue of team\(department) are \(line.map(\.wait))"]
            }
            return zip(line, line.dropFirst()).compactMap { before, after in
                guard let arrival = before.room.arrival, let later = after.room.arrival,
                    later.upperBound < arrival.lowerBound
                else { return nil }
                return "\(before.room.rid) came to team\(department) at \(arrival) and stands before "
                    + "\(after.room.rid), who came at \(later)"
            }
        }
    }

    private var orphans: [String] {
        let orphans = Set(agentsIn.keys).subtracting(answers.map(\.room.rid))
        return orphans.isEmpty ? [] : ["rooms that nobody knows: \(orphans.sorted())"]
    }

    private var counters: [String] {
        let real = agentsIn.values.reduce(into: [String: Int]()) { real, agents in
            for agent in agents { real[agent, default: 0] += 1 }
        }
        return agents.sorted().compactMap { agent in
            let (counted, real) = (counted[agent] ?? 0, real[agent] ?? 0)
            return counted != real ? "\(agent) is counted for \(counted) rooms and has \(real)" : nil
        }
    }
}
