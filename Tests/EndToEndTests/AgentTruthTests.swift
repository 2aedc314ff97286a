import Foundation
import TestSupport
import Testing

/// Which agents take customers: paused ones do not; and what holds while the chat server does not say who is there.
@Suite("Agents who take customers", .serialized, .ownProcesses, .installation { $0.daemons = 2 })
struct AgentTruthTests {
    private let installation: GatewayInstallation
    private let chat: DevChatProcess
    private let run: ControlCommand
    init() throws {
        installation = try TestBed.current.installation
        chat = installation.chat
        run = ControlCommand(installation: installation)
    }

    private func tenant(_ agents: [GatewayTenantPlan.Agent]) async throws -> TestTenant {
        try await TestBed.current.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]) { $0.name = "Truth \(someName())" }
        )
    }

    @Test("a paused agent gets nobody, a transfer to them is 409, and who waits is served when they are resumed")
    func pause() async throws {
        let (paused, other) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(capacity: 1))
        let tenant = try await tenant([paused, other])
        let id = try await chat.logIn(paused.username).id
        let done = try await run("agent", "pause", paused.username.uppercased(), "--tenant", tenant.id)
        #expect(done.status == 0, "\(done)")
        let first = try await tenant.started()
        #expect(try await chat.members(of: first["rid"].string ?? "").contains(other.username))
        let second = try await tenant.started()
        #expect(second["state"] == "waiting")
        let token = try await tenant.accessToken()
        let refused = try await tenant.transfer(first["rid"].string ?? "", token: token, [("agent_id", id)])
        try expectError(refused, 409)
        let list = try await run("agent", "list", "--tenant", tenant.id, "--json").json
        #expect(list.array.map { $0["isPaused"].bool } == [true, false])
        let status = try await run("status", "--json").json
        let shown = try #require(status["tenants"].array.first { $0["id"].string == tenant.id })
        #expect(shown["agents"].array.map { $0["isPaused"].bool } == [true, false])
        #expect(shown["presence"] == "chat_server")
        #expect(
            try await run("metrics").text.contains(
                "customersd_agent_paused{agent=\"\(paused.username)\",tenant=\"\(tenant.id)\"} 1"))
        #expect(try await run("agent", "resume", paused.username).status == 0)
        try await eventually("the one who waits has the agent", within: .seconds(15)) {
            try await chat.members(of: second["rid"].string ?? "").contains(paused.username)
        }
        #expect(try await run("agent", "pause", "nobody", "--tenant", tenant.id).status == 1)
    }

    @Test("while the chat server does not say who is online, customers get who was, and status says so")
    func presenceAway() async throws {
        let (here, gone) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let tenant = try await tenant([here, gone])
        _ = try await tenant.started()
        try await chat.arm(["route": "users.presence", "kind": "status", "status": 500])
        do {
            try await eventually("it is noticed", within: .seconds(15)) {
                let answer = try await tenant.started()
                #expect(answer["state"] == "assigned")
                #expect(try await chat.members(of: answer["rid"].string ?? "").contains(here.username))
                let tenants = try await run("status", "--json").json["tenants"].array
                return tenants.first { $0["id"].string == tenant.id }?["presence"] == "last_seen"
            }
            #expect(try await run("status").text.contains("does not say who is online"))
            #expect(try await run("agent", "list", "--tenant", tenant.id).text.contains("last seen"))
        } catch {
            try await chat.disarm()
            throw error
        }
        try await chat.disarm()
        try await eventually("it is over", within: .seconds(20)) {
            _ = try await tenant.started()
            let tenants = try await run("status", "--json").json["tenants"].array
            return tenants.first { $0["id"].string == tenant.id }?["presence"] == "chat_server"
        }
    }

    @Test("a server that has switched its list off is asked one by one, and status says so")
    func switchedOff() async throws {
        let (here, gone) = (GatewayTenantPlan.Agent(), GatewayTenantPlan.Agent(status: "offline"))
        let tenant = try await tenant([here, gone])
        try await chat.arm([
            "route": "users.presence", "kind": "status", "status": 200,
            "body": ["users": [], "full": true, "success": true],
        ])
        do {
            for _ in 0..<3 {
                let answer = try await tenant.started()
                #expect(try await chat.members(of: answer["rid"].string ?? "").contains(here.username))
            }
            let tenants = try await run("status", "--json").json["tenants"].array
            #expect(tenants.first { $0["id"].string == tenant.id }?["presence"] == "one_by_one")
            #expect(try await run("doctor").text.contains("switched its list of the present off"))
        } catch {
            try await chat.disarm()
            throw error
        }
        try await chat.disarm()
    }

    @Test("two gateways ask no more often than one")
    func asksOnce() async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 1)
        let tenant = try await tenant([agent])
        let id = try await chat.logIn(agent.username).id
        _ = try await tenant.started()
        _ = try await tenant.started()
        // Somebody waits, so that both gateways look for a free agent every second.
        var times: [Double] = []
        try await eventually("presence was asked for four times", within: .seconds(60)) {
            times = try await chat.events().filter {
                $0["path"] == "/api/v1/users.presence" && ($0["query"]["ids"].string ?? "").contains(id)
            }.compactMap { Self.seconds($0["at"].string ?? "") }
            return times.count >= 4
        }
        // What was learned is good for three seconds from when it was learned; a busy machine may note a call late.
        for (former, next) in zip(times, times.dropFirst()) { #expect(next - former > 1.5) }
    }

    private static func seconds(_ time: String) -> Double? {
        try? Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)).timeIntervalSince1970
    }
}
