import TestSupport

extension SimulationEnd {
    /// Asks the chat server, the gateways as their customers, and Redis.
    init(
        installation: GatewayInstallation, tenant: TestTenant, agentNames: [String: String], log: SimulationLog
    ) async throws {
        agents = Set(agentNames.values)
        agentsIn = [:]
        answers = []
        for room in try await installation.chat.rooms() where room["t"] != "c" && room["archived"] != true {
            agentsIn[room["_id"].string ?? ""] = room["members"].array.compactMap(\.string).filter(agents.contains)
        }
        for open in log.open {
            let reply = try await tenant.clientConnect(
                [("department_id", tenant.department(open.department)), ("group_id", open.rid)], token: open.token)
            var answer = Answer(room: open, text: "\(reply)")
            if reply.status == 200 {
                let told = try reply.json
                answer.rid = told["rid"].string
                answer.wait = told["state"] == "waiting" ? told["wait"].int ?? -1 : 0
                answer.agent = agentNames[told["agent_id"].string ?? ""] ?? ""
            }
            answers.append(answer)
        }
        // `cg:{T}:load`: agent id, number, agent id, number …
        let lines = try await installation.redis.command("HGETALL", "cg:{\(tenant.id)}:load").split(separator: "\n")
        counted = [:]
        for index in stride(from: 0, to: lines.count - 1, by: 2) {
            guard let name = agentNames[String(lines[index])] else { continue }
            counted[name] = Int(lines[index + 1])
        }
    }
}
