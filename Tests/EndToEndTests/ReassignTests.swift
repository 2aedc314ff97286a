import Foundation
import TestSupport
import Testing

/// Customers whose agent goes, and who gets whom again; two gateways on one Redis.
@Suite("Agents who go", .ownProcesses, .installation { $0.daemons = 2 })
struct ReassignTests {
    private let chat: DevChatProcess
    private let run: ControlCommand
    init() throws {
        chat = try TestBed.current.installation.chat
        run = ControlCommand(installation: try TestBed.current.installation)
    }

    private func tenant(
        _ agents: [GatewayTenantPlan.Agent], reassignAfter: Int? = 2, routing: String? = nil
    ) async throws -> TestTenant {
        try await TestBed.current.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]) {
                $0.reassignAfter = reassignAfter
                $0.routing = routing
            })
    }

    @Test("an agent who stays offline is replaced, the customer sees the new one, and the log says why")
    func replaced() async throws {
        let (goes, comes) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let tenant = try await tenant([goes, comes])
        let session = try await tenant.started()
        let rid = try #require(session["rid"].string)
        try await chat.setPresence(comes.username, "online")
        try await chat.setPresence(goes.username, "offline")
        try await eventually("the other agent has the room alone", within: .seconds(30)) {
            let members = try await chat.members(of: rid)
            return members.contains(comes.username) && !members.contains(goes.username)
        }
        try await eventually("the customer is told", within: .seconds(10)) {
            let again = try await tenant.started(token: session["token"].string)
            return again["agent_id"] != session["agent_id"] && again["rid"] == session["rid"]
        }
        let log = try await run("session", "show", rid, "--json").json["transfers"].array
        #expect(log.map { $0["reason"].string } == ["reassign"] && log.map { $0["outcome"].string } == ["done"])
        #expect(
            log.first?["fromAgentName"].string == goes.username && log.first?["toAgentName"].string == comes.username)
        #expect(try await run("session", "show", rid).text.contains("reassign"))
        // Either gateway may have done it; each counts its own.
        var text = ""
        for socket in try TestBed.current.installation.controlSockets {
            text += try await run("metrics", "--socket", socket).text
        }
        #expect(text.contains("customersd_transfers_total{outcome=\"done\",reason=\"reassign\"}"))
    }

    @Test("with nobody else there the customer is next before all who wait, and somebody can read them all the time")
    func headOfTheQueue() async throws {
        let (goes, comes) = (
            GatewayTenantPlan.Agent(capacity: 1), GatewayTenantPlan.Agent(capacity: 1, status: "offline")
        )
        let tenant = try await tenant([goes, comes])
        let first = try await tenant.started()
        let second = try await tenant.started()
        #expect(second["wait"].int == 1)
        try await chat.setPresence(goes.username, "offline")
        try await eventually("the first one is next", within: .seconds(30)) {
            let again = try await tenant.started(token: first["token"].string)
            return again["state"] == "waiting" && again["wait"].int == 1 && again["agent_id"] == ""
        }
        #expect(try await tenant.started(token: second["token"].string)["wait"].int == 2)
        let rid = first["rid"].string ?? ""
        #expect(try await chat.members(of: rid).contains(goes.username))
        try await chat.setPresence(comes.username, "online")
        try await eventually("the other agent has the first room", within: .seconds(20)) {
            let members = try await chat.members(of: rid)
            return members.contains(comes.username) && !members.contains(goes.username)
        }
        let last = try await tenant.started(token: second["token"].string)
        #expect(last["state"] == "waiting" && last["wait"].int == 1)
    }

    @Test("reassign_after: 0 leaves rooms where they are")
    func off() async throws {
        let (goes, comes) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let never = try await tenant([goes, comes], reassignAfter: 0)
        let (other, spare) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let soon = try await tenant([other, spare])
        let (stays, leaves) = (try await never.started(), try await soon.started())
        for agent in [goes, other] { try await chat.setPresence(agent.username, "offline") }
        for agent in [comes, spare] { try await chat.setPresence(agent.username, "online") }
        try await eventually("the other tenant's room was reassigned", within: .seconds(30)) {
            try await chat.members(of: leaves["rid"].string ?? "").contains(spare.username)
        }
        #expect(try await chat.members(of: stays["rid"].string ?? "").contains(goes.username))
    }

    @Test("sticky routing gives a customer who comes again the same agent")
    func sticky() async throws {
        let tenant = try await tenant((0..<8).map { _ in GatewayTenantPlan.Agent() }, routing: "sticky")
        let name = someName()
        let first = try await tenant.started([("name", name)])
        var session = first
        for _ in 0..<4 {
            #expect(
                try await tenant.shutdown(session["rid"].string ?? "", token: session["token"].string ?? "").status
                    == 200)
            session = try await tenant.started([("name", name)])
            #expect(session["agent_id"] == first["agent_id"] && session["resumed"].bool == false)
        }
    }

    @Test(
        "wait_seconds is null until the department has served somebody from its queue, then a number, and 0 with an agent"
    )
    func waitSeconds() async throws {
        let tenant = try await tenant([GatewayTenantPlan.Agent(capacity: 1)])
        let first = try await tenant.started()
        #expect(first["wait_seconds"].int == 0)
        let waiting = [try await tenant.started(), try await tenant.started(), try await tenant.started()]
        #expect(waiting.allSatisfy { $0["wait_seconds"] == .null })
        #expect(try await tenant.shutdown(first["rid"].string ?? "", token: first["token"].string ?? "").status == 200)
        try await eventually("the next one is served", within: .seconds(10)) {
            try await tenant.started(token: waiting[0]["token"].string)["wait_seconds"].int == 0
        }
        let second = try await tenant.started(token: waiting[1]["token"].string)
        let third = try await tenant.started(token: waiting[2]["token"].string)
        let seconds = try #require(second["wait_seconds"].int)
        #expect(seconds >= 1 && second["wait"].int == 1)
        #expect((seconds...2 * seconds).contains(try #require(third["wait_seconds"].int)))
    }

    @Test("a reload that gives an agent more rooms serves who waits without a call")
    func moreCapacity() async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 1)
        var plan = GatewayTenantPlan(departments: [.init(isDefault: true, agents: [agent])])
        let tenant = try await TestBed.current.tenant(plan)
        _ = try await tenant.started()
        let second = try await tenant.started()
        #expect(second["state"] == "waiting")
        plan.departments[0].agents[0].capacity = 2
        let installation = try TestBed.current.installation
        try installation.write(plan.yaml, toTenantFile: plan.id)
        try await installation.reload()
        try await eventually("the one who waits has the agent", within: .seconds(15)) {
            try await chat.members(of: second["rid"].string ?? "").contains(agent.username)
        }
    }
}
