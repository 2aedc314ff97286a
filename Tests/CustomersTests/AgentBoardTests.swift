import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Agent board")
struct AgentBoardTests {
    @Test("many callers at once are one question, and what the fleet knows is none")
    func coalesced() async throws {
        let fixture = try DomainFixture()
        fixture.chat.hold(.presence)
        let board = fixture.services.agents
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await board.roster(of: fixture.tenant).agents.count } }
            try await fixture.chat.waitFor(.presence)
            fixture.chat.letGo(.presence)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 2, count: 20))
        #expect(fixture.chat.count(.presence) == 1)
        _ = try await board.roster(of: fixture.tenant)
        #expect(fixture.chat.count(.presence) == 1)
    }

    @Test("a chat server that is away fails everybody who waits, and the next is asked again")
    func failure() async throws {
        let fixture = try DomainFixture()
        fixture.chat.fail(.presence, .unavailable("down"))
        await #expect(throws: ChatBackendError.unavailable("down")) {
            try await fixture.services.agents.roster(of: fixture.tenant)
        }
        #expect(try await fixture.services.agents.roster(of: fixture.tenant).agents.count == 2)
    }

    @Test("a call that was given up takes nobody with it who waits for its answer")
    func cancelled() async throws {
        let fixture = try DomainFixture()
        let board = fixture.services.agents
        fixture.chat.hold(.presence)
        fixture.chat.fail(.presence, .cancelled)
        let first = Task { try await board.roster(of: fixture.tenant).agents.count }
        try await fixture.chat.waitFor(.presence)
        let second = Task { try await board.roster(of: fixture.tenant).agents.count }
        first.cancel()
        // The second may wait for the first by now or not; it must get an answer either way.
        fixture.chat.letGo(.presence)
        #expect(try await second.value == 2)
        await #expect(throws: ChatBackendError.cancelled) { try await first.value }
    }

    @Test("a tenant without agents asks nobody")
    func nobody() async throws {
        let fixture = try DomainFixture(sales: [:], support: [:])
        #expect(try await fixture.services.agents.roster(of: fixture.tenant).agents.isEmpty)
        #expect(fixture.chat.journal.isEmpty)
    }

    @Test("while another gateway asks, nobody else does; its answer is everybody's")
    func turn() async throws {
        let fixture = try DomainFixture()
        fixture.stores.givePresenceTurn(to: "other", tenant: fixture.tenant.id)
        let answer = Task { try await fixture.services.agents.roster(of: fixture.tenant) }
        try await fixture.stores.waitForCalls("presence", count: 2)
        let roster = AgentRoster(agents: [AgentPresence(id: "agent-anna", username: "anna", status: .busy)])
        try await fixture.stores.save(roster, tenant: fixture.tenant.id, fence: "other")
        #expect(try await answer.value == roster)
        #expect(fixture.chat.count(.presence) == 0)
    }

    @Test("a gateway that dies while it asks is replaced")
    func dead() async throws {
        let fixture = try DomainFixture()
        fixture.stores.givePresenceTurn(to: "dead", tenant: fixture.tenant.id)
        let answer = Task { try await fixture.services.agents.roster(of: fixture.tenant).agents.count }
        try await fixture.stores.waitForCalls("presence", count: 2)
        // As its turn runs out.
        fixture.stores.givePresenceTurn(to: nil, tenant: fixture.tenant.id)
        #expect(try await answer.value == 2)
        #expect(fixture.chat.count(.presence) == 1)
    }

    @Test("when the chat server does not say any more, whoever was online counts as online for ten minutes")
    func lastSeen() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 1, "away": 1], support: ["ben": 1],
            agents: ["anna": .online, "away": .away, "ben": .offline])
        let board = fixture.services.agents
        #expect(try await board.roster(of: fixture.tenant).source == .chatServer)
        fixture.chat.fail(.presence, .unavailable("down"), times: 2)
        fixture.stores.forgetPresence()
        fixture.stores.passTime(milliseconds: PresenceLook.memory)
        let roster = try await board.roster(of: fixture.tenant)
        #expect(roster.source == .lastSeen && roster.trouble.contains("down"))
        #expect(roster.agents.filter { $0.status == .online }.map(\.username) == ["anna"])
        #expect(roster.agents.filter { $0.status == .offline }.count == 2)
        // The others are told as well, without asking again.
        #expect(try await board.roster(of: fixture.tenant) == roster)
        #expect(fixture.chat.count(.presence) == 2)
        fixture.stores.forgetPresence()
        fixture.stores.passTime(milliseconds: 1)
        let later = try await board.roster(of: fixture.tenant)
        #expect(later.agents.count == 3 && later.agents.allSatisfy { $0.status == .offline })
        fixture.stores.forgetPresence()
        #expect(try await board.roster(of: fixture.tenant).source == .chatServer)
    }

    @Test("an outage of presence alone is no error for a customer when somebody was seen")
    func outage() async throws {
        let fixture = try DomainFixture()
        #expect(try await fixture.start("bob").agentID == "agent-anna")
        fixture.stores.forgetPresence()
        fixture.chat.fail(.presence, .timedOut)
        #expect(try await fixture.start("eve").agentID == "agent-anna")
    }

    @Test("ids that the fleet knows are not asked for again")
    func knownIDs() async throws {
        let fixture = try DomainFixture()
        for _ in 0..<2 {
            _ = try await fixture.services.agents.roster(of: fixture.tenant)
            fixture.stores.forgetPresence()
        }
        #expect(
            fixture.chat.journal.filter { $0.operation == .presence }.map(\.object) == ["", "agent-anna agent-ben"])
    }

    @Test("a chat server that has switched its list off is told apart")
    func switchedOff() async throws {
        let fixture = try DomainFixture()
        fixture.chat.switchPresenceOff()
        #expect(try await fixture.services.agents.roster(of: fixture.tenant).source == .oneByOne)
    }
}
