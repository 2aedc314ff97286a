import Foundation
import TestSupport
import Testing

/// `Transfer`: another agent, another department, or both; at every moment an agent can read the customer.
@Suite("Transfer", .ownProcesses, .installation())
struct TransferTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    /// A tenant with these agents in one department, a session of its, and the agents' backend ids by user name.
    private struct Scene {
        var tenant: TestTenant
        var rid: String
        var token: String
        var ids: [String: String]
        /// The agent who has the room, and the others.
        var agent: String
        var others: [String]
        func id(_ username: String) -> String { ids[username] ?? "?" }
    }

    private func scene(_ departments: [GatewayTenantPlan.Department]) async throws -> Scene {
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: departments))
        let answer = try await tenant.started()
        let rid = answer["rid"].string ?? ""
        var ids: [String: String] = [:]
        for agent in tenant.plan.agents { ids[agent.username] = try await chat.logIn(agent.username).id }
        let agent = ids.first { $0.value == answer["agent_id"].string }?.key ?? ""
        return Scene(
            tenant: tenant, rid: rid, token: answer["token"].string ?? "", ids: ids, agent: agent,
            others: tenant.plan.agents.map(\.username).filter { $0 != agent })
    }

    private func department(_ name: String = "one", isDefault: Bool = true, _ agents: GatewayTenantPlan.Agent...)
        -> GatewayTenantPlan.Department
    {
        GatewayTenantPlan.Department(name, isDefault: isDefault, agents: agents)
    }

    // MARK: Where to

    @Test("neither agent nor department: another online agent of the same department; the room stays the same")
    func another() async throws {
        let scene = try await scene([department("one", .init(), .init(), .init(status: "offline"))])
        let page = try await DevChatSocket.connect(to: chat, token: scene.token)
        try await page.say("hello", in: scene.rid)
        let answer = try success(try await scene.tenant.transfer(scene.rid, token: scene.token))
        #expect(answer["rid"].string == scene.rid)
        #expect(answer["state"] == "assigned")
        #expect(answer["wait"].int == 0)
        let new = try #require(scene.ids.first { $0.value == answer["agent_id"].string }?.key)
        #expect(new != scene.agent)
        let members = try await chat.members(of: scene.rid)
        #expect(members.contains(new) && !members.contains(scene.agent))
        let history = try success(try await scene.tenant.history(scene.rid, token: scene.token))
        #expect(history["messages"][0]["msg"] == "hello")
    }

    @Test("agent_id alone: that agent, of whatever department")
    func toAgent() async throws {
        let scene = try await scene([department("one", .init()), department("two", isDefault: false, .init())])
        let target = scene.others[0]
        let answer = try success(
            try await scene.tenant.transfer(scene.rid, token: scene.token, [("agent_id", scene.id(target))]))
        #expect(answer["agent_id"].string == scene.id(target))
        #expect(answer["rid"].string == scene.rid)
        #expect(try await chat.members(of: scene.rid).contains(target))
    }

    @Test("department_id alone: an agent of it, and the group takes its name")
    func toDepartment() async throws {
        let scene = try await scene([department("one", .init()), department("售后", isDefault: false, .init())])
        let answer = try success(
            try await scene.tenant.transfer(
                scene.rid, token: scene.token, [("department_id", scene.tenant.department(1))]))
        #expect(answer["agent_id"].string == scene.id(scene.others[0]))
        let name = answer["customer_name"].string ?? ""
        #expect(answer["group_name"].string == "售后_\(name)_\(scene.tenant.department(1))")
        #expect(answer["rid"].string == scene.rid)
        let repeated = try await scene.tenant.transfer(
            scene.rid, token: scene.token, [("department_id", scene.tenant.department(1))])
        #expect(try success(repeated)["agent_id"] == answer["agent_id"])
        let again = try await scene.tenant.started(
            [("department_id", scene.tenant.department(1))], token: scene.token)
        #expect(again["rid"].string == scene.rid)
    }

    @Test("both: the agent must belong to the department, else 400")
    func both() async throws {
        let scene = try await scene([department("one", .init()), department("two", isDefault: false, .init())])
        let two = scene.tenant.department(1)
        let wrong = try await scene.tenant.transfer(
            scene.rid, token: scene.token, [("agent_id", scene.id(scene.agent)), ("department_id", two)])
        try expectInvalid(wrong, ["agent_id"])
        let right = try await scene.tenant.transfer(
            scene.rid, token: scene.token, [("agent_id", scene.id(scene.others[0])), ("department_id", two)])
        #expect(try success(right)["agent_id"].string == scene.id(scene.others[0]))
    }

    @Test("a malformed department_id: 400; unknown or foreign agents and departments: the same 404")
    func unknown() async throws {
        let scene = try await scene([department("one", .init(), .init())])
        let foreign = try await self.scene([department("one", .init())])
        func call(_ fields: [(String, String)]) async throws -> HTTPTestReply {
            try await scene.tenant.transfer(scene.rid, token: scene.token, fields)
        }
        try expectInvalid(try await call([("department_id", "x")]), ["department_id"])
        let customer = try await scene.tenant.started()["id"].string ?? ""
        let strangers: [[(String, String)]] = [
            [("agent_id", "NobodysAgentId123")], [("agent_id", foreign.id(foreign.agent))], [("agent_id", customer)],
            [("agent_id", "GatewayServiceAcc")], [("department_id", UUID().uuidString)],
            [("department_id", foreign.tenant.department())],
        ]
        var bodies: Set<HTTPTestJSON> = []
        for fields in strangers {
            let reply = try await call(fields)
            try expectError(reply, 404, "not found")
            bodies.insert(try withoutRequestID(reply))
        }
        #expect(bodies.count == 1)
        #expect(try await chat.members(of: scene.rid).contains(scene.agent))
    }

    @Test("a direct room cannot change members: the answer has the new room, and the old agent is free")
    func directRoom() async throws {
        let agents = [GatewayTenantPlan.Agent(capacity: 1), .init(capacity: 1)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let name = someName()
        let first = try await tenant.connected(name)
        let reply = try await tenant.transfer(first["rid"].string ?? "", token: first["token"].string ?? "")
        let answer = try success(reply)
        #expect(answer["rid"] != first["rid"])
        #expect(answer["agent_id"] != first["agent_id"])
        #expect(answer["id"] == first["im"]["_id"])
        let room = try #require(try await chat.room(answer["rid"].string ?? ""))
        #expect(room["t"] == "d")
        // Who did not hear the answer calls again, with what they have.
        for fields in [[], [("agent_id", answer["agent_id"].string ?? "")]] {
            let again = try success(
                try await tenant.transfer(first["rid"].string ?? "", token: first["token"].string ?? "", fields))
            #expect(again["rid"] == answer["rid"] && again["agent_id"] == answer["agent_id"])
        }
        #expect(try await tenant.connected(name)["rid"] == answer["rid"])
        // The slot of the agent who was left is free: two rooms, two agents of capacity one.
        #expect(try await tenant.started()["state"] == "assigned")
        #expect(try await tenant.started()["state"] == "waiting")
    }

    // MARK: Nobody can take it

    @Test("no other agent available: 409 and nothing changed")
    func nobody() async throws {
        let scene = try await scene([department("one", .init(), .init(status: "away"))])
        try expectError(try await scene.tenant.transfer(scene.rid, token: scene.token), 409)
        #expect(try await chat.members(of: scene.rid).contains(scene.agent))
        #expect(try await scene.tenant.started(token: scene.token)["agent_id"].string == scene.id(scene.agent))
    }

    @Test("a named agent who is offline or full: 409 and nothing changed", arguments: ["offline", "full"])
    func notAvailable(why: String) async throws {
        let target = GatewayTenantPlan.Agent(capacity: 1, status: why == "offline" ? "offline" : "online")
        let scene = try await scene([department("one", .init()), department("two", isDefault: false, target)])
        if why == "full" {
            let other = try await scene.tenant.started([("department_id", scene.tenant.department(1))])
            #expect(other["state"] == "assigned")
        }
        let reply = try await scene.tenant.transfer(
            scene.rid, token: scene.token, [("agent_id", scene.id(target.username))])
        try expectError(reply, 409)
        let members = try await chat.members(of: scene.rid)
        #expect(members.contains(scene.agent) && !members.contains(target.username))
    }

    @Test("a full department: 200 with a place in its queue, the old agent stays and is swapped later")
    func fullDepartment() async throws {
        let target = GatewayTenantPlan.Agent(capacity: 1)
        let scene = try await scene([department("one", .init()), department("two", isDefault: false, target)])
        let two = scene.tenant.department(1)
        let occupant = try await scene.tenant.started([("department_id", two)])
        let answer = try success(
            try await scene.tenant.transfer(scene.rid, token: scene.token, [("department_id", two)]))
        #expect(answer["state"] == "waiting")
        #expect(answer["wait"].int == 1)
        #expect(answer["rid"].string == scene.rid)
        #expect(try await chat.members(of: scene.rid).contains(scene.agent))
        let closed = try await scene.tenant.shutdown(
            occupant["rid"].string ?? "", token: occupant["token"].string ?? "")
        #expect(closed.status == 200)
        try await eventually("the agents are swapped") {
            let members = try await chat.members(of: scene.rid)
            return members.contains(target.username) && !members.contains(scene.agent)
        }
        let again = try await scene.tenant.started([("group_id", scene.rid)], token: scene.token)
        #expect(again["agent_id"].string == scene.id(target.username))
        #expect(again["state"] == "assigned")
    }

    // MARK: No gap

    @Test("the new agent is added before the old one is removed")
    func order() async throws {
        let scene = try await scene([department("one", .init(), .init())])
        let mark = try await chat.mark()
        #expect(try await scene.tenant.transfer(scene.rid, token: scene.token).status == 200)
        let changes = try await chat.events(after: mark).filter {
            $0["rid"].string == scene.rid && ["member-added", "member-removed"].contains($0["kind"].string ?? "")
        }
        #expect(changes.map { $0["kind"] } == ["member-added", "member-removed"])
        #expect(changes.last?["user"].string == scene.agent)
    }

    @Test("a transferred room frees the old agent's slot and takes the new one's")
    func slots() async throws {
        let scene = try await scene([department("one", .init(capacity: 1), .init(capacity: 1))])
        #expect(try await scene.tenant.transfer(scene.rid, token: scene.token).status == 200)
        let second = try await scene.tenant.started()
        #expect(second["agent_id"].string == scene.id(scene.agent))
        #expect(try await scene.tenant.started()["state"] == "waiting")
    }

    @Test("the tenant's own server may transfer with its access token; a stranger gets 401")
    func callers() async throws {
        let scene = try await scene([department("one", .init(), .init())])
        let accessToken = try await scene.tenant.accessToken()
        #expect(try await scene.tenant.transfer(scene.rid, token: accessToken).status == 200)
        try expectError(try await scene.tenant.transfer(scene.rid, token: "nobodys-token"), 401, "unauthorized")
        try expectInvalid(
            try await bed.client.send(.form("/customers/Transfer", []).with("Authorization", scene.token)), ["group_id"]
        )
    }
}

/// Transfers that the chat server spoils; alone, because faults hit every call of the server.
@Suite("Transfer that fails", .serialized, .ownProcesses, .installation())
struct FailedTransferTests {
    @Test("an add that the chat server refuses is a 502: the old agent stays, the new one's slot is free again")
    func refusedAdd() async throws {
        let bed = try TestBed.current
        let chat = try bed.installation.chat
        let agents = [GatewayTenantPlan.Agent(capacity: 1), .init(capacity: 1)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let before = try await chat.members(of: rid)
        try await chat.arm([
            "route": "groups.invite", "kind": "status", "status": 400,
            "body": ["success": false, "error": "Not allowed [error-not-allowed]", "errorType": "error-not-allowed"],
        ])
        try expectError(try await tenant.transfer(rid, token: token), 502, code: "chat_server_error")
        try await chat.disarm()
        #expect(try await chat.members(of: rid) == before)
        #expect(try await tenant.started(token: token)["agent_id"] == session["agent_id"])
        // The slot that was taken for the transfer serves somebody else.
        let other = try await tenant.started()
        #expect(other["state"] == "assigned")
        #expect(other["agent_id"] != session["agent_id"])
    }

    @Test("an add that seems to work but does not is found out: the old agent stays")
    func silentAdd() async throws {
        let bed = try TestBed.current
        let chat = try bed.installation.chat
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let before = try await chat.members(of: rid)
        try await chat.arm(["route": "groups.invite", "kind": "silent-drop"])
        try expectError(try await tenant.transfer(rid, token: token), 502)
        try await chat.disarm()
        #expect(try await chat.members(of: rid) == before)
        #expect(try await tenant.transfer(rid, token: token).status == 200)
    }

    @Test("a rename that fails does not spoil the transfer")
    func failedRename() async throws {
        let bed = try TestBed.current
        let chat = try bed.installation.chat
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init("one", isDefault: true), .init("two")]))
        let session = try await tenant.started()
        try await chat.arm(["route": "groups.rename", "kind": "status", "status": 400])
        let reply = try await tenant.transfer(
            session["rid"].string ?? "", token: session["token"].string ?? "", [("department_id", tenant.department(1))]
        )
        try await chat.disarm()
        #expect(try success(reply)["group_name"].string?.hasPrefix("two_") == true)
    }
}
