import Foundation
import TestSupport
import Testing

/// What an administrator of the chat server changes behind the gateways' back, and what they had noted wrongly, is put
/// right.
@Suite("Reconciliation", .ownProcesses, .installation { $0.daemons = 2 })
struct ReconcileTests {
    private let installation: GatewayInstallation
    private let chat: DevChatProcess
    init() throws {
        installation = try TestBed.current.installation
        chat = installation.chat
    }

    private func tenant(_ agents: [GatewayTenantPlan.Agent]) async throws -> TestTenant {
        try await TestBed.current.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
    }

    /// Waits for something that the next round does, which need not be a minute away.
    private func eventuallyReconciled(
        _ what: String, _ tenant: TestTenant, _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what, within: .seconds(40)) {
            if try await condition() { return true }
            try await installation.redis.command("DEL", "cg:{\(tenant.id)}:lease:reconcile")
            try await Task.sleep(for: .milliseconds(500))
            return false
        }
    }

    private func gateway() async throws -> (id: String, token: String) {
        try await chat.logIn("gateway", password: DevChatProcess.gatewayPassword)
    }

    @Test("a room whose agent was taken out gets another one")
    func agentTakenOut() async throws {
        let (first, second) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let tenant = try await tenant([first, second])
        let session = try await tenant.started()
        let rid = session["rid"].string ?? ""
        try await chat.setPresence(second.username, "online")
        let reply = try await chat.call(
            "POST", "groups.kick", as: gateway(), ["roomId": session["rid"], "userId": session["agent_id"]])
        #expect(reply.status == 200, "\(reply)")
        try await eventuallyReconciled("another agent has the room", tenant) {
            try await chat.members(of: rid).contains(second.username)
        }
        try await eventually("the customer is told") {
            try await tenant.started(token: session["token"].string)["agent_id"] != session["agent_id"]
        }
        let shown = try await ControlCommand(installation: installation)("session", "show", rid).text
        #expect(shown.contains("reconcile"), "\(shown)")
    }

    @Test("a customer whose account was deleted at the chat server is in their room again, with another account")
    func accountDeleted() async throws {
        let tenant = try await tenant([GatewayTenantPlan.Agent()])
        let first = try await tenant.started([("name", "ann")])
        let rid = first["rid"].string ?? ""
        try await chat.deleteUser(first["id"].string ?? "")
        #expect(try await chat.members(of: rid).count == 2)
        try await eventuallyReconciled("there are three again", tenant) { try await chat.members(of: rid).count == 3 }
        let second = try await tenant.started([("name", "ann")])
        #expect(second["rid"].string == rid && second["id"] != first["id"])
        #expect(try await tenant.history(rid, token: second["token"].string ?? "").status == 200)
    }

    @Test("a room that was deleted at the chat server frees its agent for the next, and its customer gets a new one")
    func roomDeleted() async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 1)
        let tenant = try await tenant([agent])
        let first = try await tenant.started()
        let second = try await tenant.started()
        #expect(second["state"] == "waiting")
        let reply = try await chat.call("POST", "rooms.delete", as: gateway(), ["roomId": first["rid"]])
        #expect(reply.status == 200, "\(reply)")
        try await eventuallyReconciled("the next one has the agent", tenant) {
            try await chat.members(of: second["rid"].string ?? "").contains(agent.username)
        }
        let again = try await tenant.started(token: first["token"].string)
        #expect(again["id"] == first["id"] && again["rid"] != first["rid"] && again["state"] == "waiting")
        var text = ""
        for socket in installation.controlSockets {
            text += try await ControlCommand(installation: installation)("metrics", "--socket", socket).text
        }
        #expect(text.contains("customersd_repairs_total{kind=\"room\"}"))
    }
}
