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
            for _ in 0..<20 { group.addTask { try await board.presence(of: fixture.tenant).count } }
            try await fixture.chat.waitFor(.presence)
            fixture.chat.letGo(.presence)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 2, count: 20))
        #expect(fixture.chat.count(.presence) == 1)
        _ = try await board.presence(of: fixture.tenant)
        #expect(fixture.chat.count(.presence) == 1)
    }

    @Test("a chat server that is away fails everybody who waits, and the next is asked again")
    func failure() async throws {
        let fixture = try DomainFixture()
        fixture.chat.fail(.presence, .unavailable("down"))
        await #expect(throws: ChatBackendError.unavailable("down")) {
            try await fixture.services.agents.presence(of: fixture.tenant)
        }
        #expect(try await fixture.services.agents.presence(of: fixture.tenant).count == 2)
    }

    @Test("a call that was given up takes nobody with it who waits for its answer")
    func cancelled() async throws {
        let fixture = try DomainFixture()
        let board = fixture.services.agents
        fixture.chat.hold(.presence)
        fixture.chat.fail(.presence, .cancelled)
        let first = Task { try await board.presence(of: fixture.tenant).count }
        try await fixture.chat.waitFor(.presence)
        let second = Task { try await board.presence(of: fixture.tenant).count }
        first.cancel()
        // The second may wait for the first by now or not; it must get an answer either way.
        fixture.chat.letGo(.presence)
        #expect(try await second.value == 2)
        await #expect(throws: ChatBackendError.cancelled) { try await first.value }
    }

    @Test("a tenant without agents asks nobody")
    func nobody() async throws {
        let fixture = try DomainFixture(sales: [:], support: [:])
        #expect(try await fixture.services.agents.presence(of: fixture.tenant).isEmpty)
        #expect(fixture.chat.journal.isEmpty)
    }
}
