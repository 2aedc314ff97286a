import TestSupport

/// How things stand once nothing moves any more: every customer who stayed has an agent or a right place, and what the gateways
/// count in Redis is what the chat server has.
struct SimulationEnd: Sendable {
    /// What is not as it should be.
    private(set) var problems: [String] = []

    init(
        installation: GatewayInstallation, tenant: TestTenant, agentNames: [String: String], log: SimulationLog
    ) async throws {
        let names = Set(agentNames.values)
        var agentsIn: [String: [String]] = [:]
        for room in try await installation.chat.rooms() where room["t"] != "c" && room["archived"] != true {
            agentsIn[room["_id"].string ?? ""] = room["members"].array.compactMap(\.string).filter(names.contains)
        }
        var places: [Int: [Int]] = [:]
        var expected: Set<String> = []
        for open in log.open {
            expected.insert(open.rid)
            let reply = try await tenant.clientConnect(
                [("department_id", tenant.department(open.department)), ("group_id", open.rid)], token: open.token)
            guard reply.status == 200, let answer = try? reply.json, answer["rid"].string == open.rid else {
                problems.append("\(open.rid) cannot be resumed: \(reply)")
                continue
            }
            let agents = agentsIn[open.rid]
            if answer["state"] == "waiting" {
                places[open.department, default: []].append(answer["wait"].int ?? -1)
                if agents.map({ $0.count > 1 }) ?? true { problems.append("\(open.rid) waits with \(agents ?? [])") }
            } else if agents != agentNames[answer["agent_id"].string ?? ""].map({ [$0] }) {
                problems.append("\(open.rid) has \(agents ?? []), and its customer is told \(answer)")
            }
        }
        for (department, found) in places where found.sorted() != Array(1...found.count) {
            problems.append("the places in the queue of team\(department) are \(found.sorted())")
        }
        let orphans = Set(agentsIn.keys).subtracting(expected)
        if !orphans.isEmpty { problems.append("rooms that nobody knows: \(orphans.sorted())") }
        try await compareCounters(installation.redis, tenant.id, agentsIn, agentNames)
    }

    /// `cg:{T}:load` and `cg:{T}:agent:<id>` against the rooms of the chat server.
    private mutating func compareCounters(
        _ redis: RedisServer, _ tenant: String, _ agentsIn: [String: [String]], _ agentNames: [String: String]
    ) async throws {
        let lines = try await redis.command("HGETALL", "cg:{\(tenant)}:load").split(separator: "\n").map(String.init)
        let counted = Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: lines.count - 1, by: 2).map { (lines[$0], Int(lines[$0 + 1])) })
        for (id, name) in agentNames.sorted(by: { $0.value < $1.value }) {
            let real = agentsIn.values.count { $0.contains(name) }
            if (counted[id] ?? 0) != real {
                problems.append("\(name) is counted for \(counted[id]?.map(String.init) ?? "no") rooms and has \(real)")
            }
        }
    }
}
