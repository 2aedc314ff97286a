import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Agent router")
struct AgentRouterTests {
    private func roster(_ fixture: DomainFixture) async throws -> AgentRoster {
        try await fixture.services.agents.roster(of: fixture.tenant)
    }

    /// Another customer each time.
    private func somebody(_ fixture: DomainFixture) -> CustomerHash {
        CustomerHash(tenant: fixture.tenant.id, hash: String(UInt64.random(in: .min ... .max)))
    }

    private func route(_ fixture: DomainFixture, _ department: Department? = nil) async throws -> AgentRouter.Route {
        try await AgentRouter(services: fixture.services).route(
            somebody(fixture), tenant: fixture.tenant, department: department ?? fixture.salesDepartment,
            roster: roster(fixture))
    }

    private func routeDirect(_ fixture: DomainFixture) async throws -> AgentRouter.Route {
        try await AgentRouter(services: fixture.services).routeDirect(
            somebody(fixture), tenant: fixture.tenant, roster: roster(fixture))
    }

    @Test("only who is online is available: not away, not busy, not offline, not unknown")
    func onlineFirst() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 9, "away": 9, "busy": 9, "off": 9, "gone": 9],
            agents: ["anna": .online, "away": .away, "busy": .busy, "off": .offline])
        for _ in 0..<9 { #expect(try await route(fixture).agent == "agent-anna") }
        let full = try await route(fixture)
        #expect(full.state == .waiting)
        #expect(full.agent.isEmpty)
    }

    @Test("only agents of the department are taken")
    func department() async throws {
        let fixture = try DomainFixture()
        for _ in 0..<2 { #expect(try await route(fixture, fixture.supportDepartment).agent == "agent-ben") }
        #expect(try await route(fixture, fixture.supportDepartment).state == .waiting)
        #expect(fixture.load("anna") == 0)
    }

    @Test("random routing takes everybody in time")
    func random() async throws {
        let fixture = try DomainFixture(sales: ["a": 1_000, "b": 1_000, "c": 1_000])
        var seen: Set<String> = []
        // Misses one of three with odds of 3 × (2/3)^200.
        for _ in 0..<200 { seen.insert(try await route(fixture).agent) }
        #expect(seen.count == 3)
    }

    @Test("least busy routing evens out")
    func leastBusy() async throws {
        let fixture = try DomainFixture(sales: ["a": 5, "b": 5, "c": 5], routing: .leastBusy)
        for _ in 0..<9 { _ = try await route(fixture) }
        #expect(["a", "b", "c"].map(fixture.load) == [3, 3, 3])
    }

    @Test("nobody online: the queue, or anybody when the tenant says so")
    func offline() async throws {
        let queue = try DomainFixture(sales: ["off": 5], agents: ["off": .offline])
        #expect(try await route(queue).state == .waiting)
        #expect(queue.stores.totalLoad == 0)
        let assign = try DomainFixture(sales: ["off": 1], agents: ["off": .offline], whenOffline: .assign)
        let first = try await route(assign)
        #expect(first.agent == "agent-off")
        #expect(first.state == .offline)
        #expect(try await route(assign).state == .waiting)
    }

    @Test("with somebody online but full, nobody offline gets the room")
    func busyIsNotOffline() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 1, "off": 5], agents: ["anna": .online, "off": .offline], whenOffline: .assign)
        _ = try await route(fixture)
        #expect(try await route(fixture).state == .waiting)
        #expect(fixture.load("off") == 0)
    }

    @Test("user names are compared without case")
    func letterCase() async throws {
        let fixture = try DomainFixture(sales: ["Anna": 2], agents: ["Anna": .online])
        #expect(try await route(fixture).agent == "agent-Anna")
    }

    @Test("a direct room goes to who is online, else to anybody, else to nobody")
    func direct() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 1], support: ["off": 1], agents: ["anna": .online, "off": .offline])
        let first = try await routeDirect(fixture)
        #expect(first.agent == "agent-anna")
        #expect(first.state == .assigned)
        let second = try await routeDirect(fixture)
        #expect(second.agent == "agent-off")
        #expect(second.state == .offline)
        await #expect(throws: CustomersError.noAgent) { try await routeDirect(fixture) }
    }

    @Test("a paused agent takes nobody, whatever the way, until resumed")
    func paused() async throws {
        for whenOffline in [OfflinePolicy.queue, .assign] {
            let fixture = try DomainFixture(sales: ["Anna": 9], support: [:], whenOffline: whenOffline)
            try await fixture.stores.setPaused(true, username: "anna", tenant: fixture.tenant.id)
            #expect(try await route(fixture).state == .waiting)
            await #expect(throws: CustomersError.noAgent) { try await routeDirect(fixture) }
            try await fixture.stores.setPaused(false, username: "ANNA", tenant: fixture.tenant.id)
            #expect(try await route(fixture).agent == "agent-Anna")
            #expect(try await routeDirect(fixture).agent == "agent-Anna")
        }
    }

    @Test("sticky routing gives the customer the agent they had last, while that one is available")
    func sticky() async throws {
        let names = (0..<9).map { "agent\($0)" }
        let fixture = try DomainFixture(
            sales: Dictionary(uniqueKeysWithValues: names.map { ($0, 9) }), support: [:], routing: .sticky)
        let first = try await fixture.start("bob")
        try await fixture.close(first.session.rid)
        for _ in 0..<5 {
            let again = try await fixture.start("bob")
            #expect(again.agentID == first.agentID)
            try await fixture.close(again.session.rid)
        }
        let last = try #require(fixture.chat.username(ofAgent: first.agentID))
        fixture.set(last, .offline)
        let other = try await fixture.start("bob")
        #expect(other.agentID != first.agentID && other.session.state == .assigned)
        fixture.set(last, .online)
        try await fixture.close(other.session.rid)
        #expect(try await fixture.start("bob").agentID == other.agentID)
    }

    @Test("sticky routing also holds for direct rooms, and for who waits")
    func stickyElsewhere() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 9, "amy": 9, "ada": 9, "ava": 9], support: [:], routing: .sticky)
        let direct = try await fixture.connect("bob")
        try await fixture.close(direct.session.rid)
        #expect(try await fixture.connect("bob").agentID == direct.agentID)
        let first = try await fixture.start("eve")
        try await fixture.close(first.session.rid)
        for name in ["anna", "amy", "ada", "ava"] { fixture.set(name, .offline) }
        #expect(try await fixture.start("eve").wait == 1)
        for name in ["anna", "amy", "ada", "ava"] { fixture.set(name, .online) }
        await fixture.serve(fixture.salesDepartment)
        #expect(try await fixture.start("eve").agentID == first.agentID)
    }
}
