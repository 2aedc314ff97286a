import TestSupport
import Testing

/// Customers who go away without a word; two gateways on one Redis, of which one cleans up.
@Suite("Abandoned sessions", .ownProcesses, .installation { $0.daemons = 2 })
struct AbandonedTests {
    private let installation: GatewayInstallation
    private let chat: DevChatProcess
    init() throws {
        installation = try TestBed.current.installation
        chat = installation.chat
    }

    private func tenant(
        _ agent: GatewayTenantPlan.Agent, _ change: (inout GatewayTenantPlan) -> Void
    ) async throws -> TestTenant {
        try await TestBed.current.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [agent])], change))
    }

    /// What happened to a room at the chat server, of these kinds.
    private func ends(of rid: String) async throws -> [ChatEvent.Kind] {
        try await chat.journal().filter { $0.rid == rid && [.roomDeleted, .roomArchived].contains($0.kind) }.map(\.kind)
    }

    /// How often a gateway said that it closed the room, and why.
    private func sweeps(of rid: String) throws -> [String] {
        try (0..<2).flatMap { try installation.daemon($0).log }.filter {
            $0.contains("room swept") && $0.contains(rid)
        }
    }

    private func gone(_ rid: String, as end: ChatEvent.Kind, why: String) async throws {
        try await eventually("the room is closed", within: .seconds(30)) {
            try await ends(of: rid) == [end] && sweeps(of: rid).count == 1
        }
        #expect(try sweeps(of: rid).first?.contains(why) == true)
    }

    @Test(
        "who waits and is not heard of for queue_ttl is given up, by the close policy, once; the next one moves up",
        arguments: [("delete", ChatEvent.Kind.roomDeleted), ("archive", .roomArchived)])
    func queue(close: String, end: ChatEvent.Kind) async throws {
        let agent = GatewayTenantPlan.Agent(status: "offline")
        let tenant = try await tenant(agent) {
            $0.queueTTL = 6
            $0.close = close
        }
        let leaves = try await tenant.started()
        let stays = try await tenant.started()
        #expect(leaves["wait"].int == 1 && stays["wait"].int == 2)
        let (left, kept) = (leaves["rid"].string ?? "", stays["rid"].string ?? "")
        try await eventually("the one who asks again is next", within: .seconds(30)) {
            try await tenant.started(token: stays["token"].string)["wait"].int == 1
        }
        try await gone(left, as: end, why: "queue_ttl")
        #expect(try await ends(of: kept) == [])
        // Whoever comes back after that begins anew, behind those who stayed.
        let back = try await tenant.started(token: leaves["token"].string)
        #expect(back["rid"].string != left && back["wait"].int == 2)
        try await chat.setPresence(agent.username, "online")
        try await eventually("both are served", within: .seconds(20)) {
            for rid in [kept, back["rid"].string ?? ""] {
                guard try await chat.members(of: rid).contains(agent.username) else { return false }
            }
            return true
        }
        #expect(try await ends(of: left) == [end] && sweeps(of: left).count == 1)
    }

    @Test(
        "a session that nobody uses for session_ttl is closed, by the close policy, once; its agent is free for the next",
        arguments: [("delete", ChatEvent.Kind.roomDeleted), ("archive", .roomArchived)])
    func session(close: String, end: ChatEvent.Kind) async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 2)
        let tenant = try await tenant(agent) {
            $0.sessionTTL = 6
            $0.close = close
        }
        let (idle, used) = (try await tenant.started(), try await tenant.started())
        let next = try await tenant.started()
        #expect(idle["wait"].int == 0 && used["wait"].int == 0 && next["wait"].int == 1)
        let (left, kept) = (idle["rid"].string ?? "", used["rid"].string ?? "")
        // One of them reads, one waits, one does nothing.
        try await eventually("the agent is free for who waits", within: .seconds(30)) {
            _ = try success(try await tenant.history(kept, token: used["token"].string ?? ""))
            return try await tenant.started(token: next["token"].string)["state"] == "assigned"
        }
        try await gone(left, as: end, why: "session_ttl")
        #expect(try await ends(of: kept) == [])
        #expect(try await tenant.started(token: used["token"].string)["rid"].string == kept)
    }
}
