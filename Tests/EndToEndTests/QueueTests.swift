import Foundation
import TestSupport
import Testing

/// Who gets which agent, and who waits: capacity, the queue, offline agents, routing.
@Suite("Queue and routing", .ownProcesses, .installation())
struct QueueTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    private func tenant(
        capacities: [Int], status: String = "online", _ change: (inout GatewayTenantPlan) -> Void = { _ in }
    ) async throws -> TestTenant {
        let agents = capacities.map { GatewayTenantPlan.Agent(capacity: $0, status: status) }
        return try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)], change))
    }

    // MARK: The queue

    @Test("with all agents full a customer waits: state, place, no agent_id, and a room that is there already")
    func waiting() async throws {
        let tenant = try await tenant(capacities: [1])
        _ = try await tenant.started()
        for place in 1...3 {
            let answer = try await tenant.started()
            #expect(answer["state"] == "waiting")
            #expect(answer["wait"].int == place)
            #expect(answer["agent_id"] == "")
            let rid = answer["rid"].string ?? ""
            #expect(try await chat.room(rid) != nil)
            #expect(!(try await chat.members(of: rid).contains(tenant.plan.agents[0].username)))
        }
    }

    @Test("nothing is lost that a customer writes while waiting: the agent reads it later")
    func writtenWhileWaiting() async throws {
        let tenant = try await tenant(capacities: [1])
        let first = try await tenant.started()
        let second = try await tenant.started()
        let rid = second["rid"].string ?? ""
        let page = try await DevChatSocket.connect(to: chat, token: second["token"].string ?? "")
        try await page.say("有人吗？", in: rid)
        #expect(try await tenant.shutdown(first["rid"].string ?? "", token: first["token"].string ?? "").status == 200)
        try await eventually("the next in the queue has the agent") {
            try await chat.members(of: rid).contains(tenant.plan.agents[0].username)
        }
        let agent = try await chat.logIn(tenant.plan.agents[0].username)
        let history = try success(try await chat.call("GET", "groups.history?roomId=\(rid)", as: agent))
        #expect(history["messages"].array.contains { $0["msg"] == "有人吗？" })
    }

    @Test("the queue is first come, first served, and a call again refreshes the place")
    func fifo() async throws {
        let tenant = try await tenant(capacities: [1])
        var sessions = [try await tenant.started()]
        for _ in 0..<3 { sessions.append(try await tenant.started()) }
        for index in 0..<3 {
            let closing = sessions[index]
            let reply = try await tenant.shutdown(closing["rid"].string ?? "", token: closing["token"].string ?? "")
            #expect(reply.status == 200)
            let next = try await tenant.started(token: sessions[index + 1]["token"].string)
            #expect(next["state"] == "assigned")
            #expect(next["wait"].int == 0)
            #expect(next["agent_id"] == sessions[0]["agent_id"])
            for (place, waiter) in sessions.dropFirst(index + 2).enumerated() {
                let again = try await tenant.started(token: waiter["token"].string)
                #expect(again["rid"] == waiter["rid"])
                #expect(again["state"] == "waiting")
                #expect(again["wait"].int == place + 1)
            }
        }
    }

    @Test("an agent who comes online gets the next customer without a call")
    func comesOnline() async throws {
        let tenant = try await tenant(capacities: [5], status: "offline")
        let agent = tenant.plan.agents[0].username
        let session = try await tenant.started()
        #expect(session["state"] == "waiting")
        #expect(session["wait"].int == 1)
        try await chat.setPresence(agent, "online")
        try await eventually("the agent has the room", within: .seconds(15)) {
            try await chat.members(of: session["rid"].string ?? "").contains(agent)
        }
        // Being in the room comes a moment before being booked for it.
        try await eventually("the customer is told") {
            try await tenant.started(token: session["token"].string)["state"] == "assigned"
        }
    }

    @Test("a customer who waits and gives up leaves the queue")
    func leavesQueue() async throws {
        let tenant = try await tenant(capacities: [1])
        _ = try await tenant.started()
        let second = try await tenant.started()
        let third = try await tenant.started()
        #expect(third["wait"].int == 2)
        #expect(
            try await tenant.shutdown(second["rid"].string ?? "", token: second["token"].string ?? "").status == 200)
        #expect(try await tenant.started(token: third["token"].string)["wait"].int == 1)
    }

    // MARK: Offline

    @Test("when_offline: assign gives an offline agent the room, state offline")
    func assignOffline() async throws {
        let tenant = try await tenant(capacities: [5], status: "offline") { $0.whenOffline = "assign" }
        let answer = try await tenant.started()
        #expect(answer["state"] == "offline")
        #expect(answer["wait"].int == 0)
        #expect(answer["agent_id"].string?.isEmpty == false)
        #expect(try await chat.members(of: answer["rid"].string ?? "").contains(tenant.plan.agents[0].username))
    }

    @Test("agents who are away or busy are not available", arguments: ["away", "busy", "offline"])
    func notAvailable(status: String) async throws {
        let online = GatewayTenantPlan.Agent()
        let agents = [GatewayTenantPlan.Agent(status: status), online, .init(status: status)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        for _ in 0..<6 {
            let answer = try await tenant.started()
            #expect(try await chat.members(of: answer["rid"].string ?? "").contains(online.username))
        }
    }

    // MARK: Routing

    @Test("random routing uses all agents")
    func random() async throws {
        let tenant = try await tenant(capacities: [50, 50, 50])
        var agents: [HTTPTestJSON: Int] = [:]
        for _ in 0..<30 { agents[try await tenant.started()["agent_id"], default: 0] += 1 }
        #expect(agents.count == 3, "\(agents)")
    }

    @Test("least_busy gives the next room to the agent with the fewest")
    func leastBusy() async throws {
        let tenant = try await tenant(capacities: [50, 50, 50]) { $0.routing = "least_busy" }
        var agents: [HTTPTestJSON: Int] = [:]
        for _ in 0..<9 { agents[try await tenant.started()["agent_id"], default: 0] += 1 }
        #expect(agents.values.sorted() == [3, 3, 3], "\(agents)")
    }

    @Test("an agent who serves two departments has one capacity")
    func twoDepartments() async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 2)
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [
                .init("one", isDefault: true, agents: [agent]), .init("two", agents: [agent]),
            ]))
        _ = try await tenant.started()
        #expect(try await tenant.started([("department_id", tenant.department(1))])["state"] == "assigned")
        #expect(try await tenant.started()["state"] == "waiting")
        #expect(try await tenant.started([("department_id", tenant.department(1))])["state"] == "waiting")
    }

    @Test("a direct room counts for the agent's capacity too")
    func directRoomsCount() async throws {
        let tenant = try await tenant(capacities: [1])
        let direct = try await tenant.connected(someName())
        #expect(try await tenant.started()["state"] == "waiting")
        try expectError(try await tenant.connect(someName(), token: try await tenant.accessToken()), 503)
        _ = try await tenant.shutdown(direct["rid"].string ?? "", token: try await tenant.accessToken())
    }
}

/// Two daemons on one Redis: state is only there, so the rules hold over both.
@Suite("Fleet", .ownProcesses, .installation { $0.daemons = 2 })
struct FleetTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    @Test("no agent ever exceeds their capacity, whatever the number of gateways; who is too many waits")
    func capacity() async throws {
        let agents = [3, 4, 5].map { GatewayTenantPlan.Agent(capacity: $0) }
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let answers = try await withThrowingTaskGroup(of: HTTPTestJSON.self) { group in
            for _ in 0..<30 { group.addTask { try await tenant.started() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0["state"] == "assigned" } == 12)
        #expect(answers.count { $0["state"] == "waiting" } == 18)
        #expect(Set(answers.compactMap { $0["wait"].int }.filter { $0 > 0 }) == Set(1...18))
        for agent in agents {
            let user = try await chat.logIn(agent.username)
            let groups = try success(try await chat.call("GET", "groups.list?count=100", as: user))["groups"].array
            #expect(groups.count == agent.capacity, "\(agent.username)")
        }
    }

    @Test("50 parallel connects of one name over two gateways make one account and one room")
    func oneAccount() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let name = someName()
        let mark = try await chat.mark()
        let answers = try await withThrowingTaskGroup(of: HTTPTestJSON.self) { group in
            for _ in 0..<50 { group.addTask { try success(try await tenant.connect(name, token: token)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map { $0["rid"] }).count == 1)
        let username = HTTPTestJSON.string(name + tenant.id)
        let created = try await chat.events(after: mark).count {
            $0["kind"] == "user-created" && $0["user"] == username
        }
        #expect(created == 1)
        #expect(try await chat.rooms().count { $0["members"].array.contains(username) } == 1)
    }
}
