import TestSupport
import Testing

/// A gateway that nobody is connected to, beside another one that dies.
@Suite("A quiet gateway", .ownProcesses, .installation())
struct QuietGatewayTests {
    private let installation: GatewayInstallation
    init() throws { installation = try TestBed.current.installation }

    @Test("a room that a gateway queues and dies is served at once by one that lies still")
    func orphanedRoom() async throws {
        let plan = GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(status: "offline")])])
        let agent = plan.agents[0].username
        // Only these two know the tenant.
        _ = try await installation.chat.addUsers([(agent, "offline")])
        let tenant = TestTenant(id: plan.id, secretKey: plan.secretKey, client: installation.client, plan: plan)
        let looked = WaitableState(0)
        let quiet = try await DoomedGateway(
            beside: installation, for: plan,
            redis: { bytes, _, isAnswer in
                if !isAnswer, String(decoding: bytes, as: UTF8.self).contains(":queue:") { looked.change { $0 += 1 } }
                return .pass
            })
        _ = try await looked.wait(for: "its first look at the queues, half a minute before the next") {
            $0 > 0 ? true : nil
        }
        let other = try await DoomedGateway(beside: installation, for: plan)
        let reply = await other.answer(try await DoomedCall(.startWaiting, of: tenant, accessToken: ""))
        let session = try HTTPTestJSON(parsing: reply?.body ?? [])
        #expect(session["state"] == "waiting")
        try await other.kill()
        try await installation.chat.setPresence(agent, "online")
        try await eventually("the agent has the room", within: .seconds(20)) {
            try await installation.chat.members(of: session["rid"].string ?? "").contains(agent)
        }
        try await quiet.kill()
    }
}
