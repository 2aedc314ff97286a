import ChatBackend
import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Presence in Redis")
struct RedisPresenceStoreTests {
    private let agents = PresenceStatus.allCases.map {
        AgentPresence(id: "id \($0)", username: "user.\($0)", status: $0)
    }

    private func key(_ name: String, _ fixture: RedisFixture) -> String { "cg:{\(fixture.tenant)}:\(name)" }

    @Test("presence is shared for seconds with where it comes from; knowing of nobody is knowing")
    func shared() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisPresenceStore($0) }
        #expect(try await stores[0].look(tenant: fixture.tenant, fence: nil).fresh == nil)
        let roster = AgentRoster(agents: agents, source: .oneByOne, trouble: "a reason of words")
        try await stores[0].save(roster, tenant: fixture.tenant, fence: "f")
        let found = try #require(try await stores[1].look(tenant: fixture.tenant, fence: "g").fresh)
        #expect(Set(found.agents) == Set(agents))
        #expect(found.source == .oneByOne && found.trouble == "a reason of words")
        #expect((1...3_000).contains(try await #require(fixture.redis("PTTL", key("presence", fixture)).integer)))
        try await stores[0].save(AgentRoster(agents: []), tenant: fixture.tenant, fence: "f")
        #expect(try await stores[1].look(tenant: fixture.tenant, fence: nil).fresh == AgentRoster(agents: []))
    }

    @Test("ten thousand agents are shared and remembered like three")
    func many() async throws {
        let fixture = try await RedisFixture()
        let store = RedisPresenceStore(fixture.clients[0])
        let crowd = (0..<10_000).map { AgentPresence(id: "id\($0)", username: "user\($0)", status: .online) }
        try await store.save(AgentRoster(agents: crowd), tenant: fixture.tenant, fence: "f")
        #expect(try await Set(store.look(tenant: fixture.tenant, fence: nil).fresh?.agents ?? []) == Set(crowd))
        _ = try await fixture.redis("DEL", key("presence", fixture))
        #expect(try await Set(store.look(tenant: fixture.tenant, fence: nil).last ?? []) == Set(crowd))
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("one gateway at a time has the turn; it is given back with the answer, or runs out")
    func turn() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisPresenceStore($0) }
        let turns = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await stores[number % 2].look(tenant: fixture.tenant, fence: "fence \(number)").hasTurn
                }
            }
            return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(turns == 1)
        let holder = try await #require(fixture.redis("GET", key("lease:presence", fixture)).text)
        #expect((1...2_000).contains(try await #require(fixture.redis("PTTL", key("lease:presence", fixture)).integer)))
        #expect(try await stores[0].renewTurn(holder, tenant: fixture.tenant))
        #expect(try await !stores[0].renewTurn("another", tenant: fixture.tenant))
        try await stores[0].endTurn("another", tenant: fixture.tenant)
        #expect(try await !stores[1].look(tenant: fixture.tenant, fence: "late").hasTurn)
        try await stores[0].endTurn(holder, tenant: fixture.tenant)
        #expect(try await !stores[1].look(tenant: fixture.tenant, fence: nil).hasTurn)
        #expect(try await stores[1].look(tenant: fixture.tenant, fence: "next").hasTurn)
        try await stores[1].save(AgentRoster(agents: agents), tenant: fixture.tenant, fence: "next")
        #expect(try await fixture.redis("EXISTS", key("lease:presence", fixture)).integer == 0)
    }

    @Test("what the chat server said last is remembered with its age; what stood in for it is not")
    func last() async throws {
        let fixture = try await RedisFixture()
        let store = RedisPresenceStore(fixture.clients[0])
        try await store.save(AgentRoster(agents: agents), tenant: fixture.tenant, fence: "f")
        try await store.save(
            AgentRoster(agents: [], source: .lastSeen, trouble: "x"), tenant: fixture.tenant, fence: "f")
        _ = try await fixture.redis("DEL", key("presence", fixture))
        let look = try await store.look(tenant: fixture.tenant, fence: nil)
        #expect(look.fresh == nil)
        #expect(Set(look.last ?? []) == Set(agents))
        #expect((0..<60_000).contains(look.lastAge))
        _ = try await fixture.redis("HSET", key("seen", fixture), "-", "1000000000000")
        #expect(try await store.look(tenant: fixture.tenant, fence: nil).lastAge > PresenceLook.memory)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("who is paused is the fleet's, whatever the case, and looking keeps it alive")
    func paused() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisPresenceStore($0) }
        for name in ["Anna", "ben"] { try await stores[0].setPaused(true, username: name, tenant: fixture.tenant) }
        _ = try await fixture.redis("EXPIRE", key("paused", fixture), "100")
        #expect(try await stores[1].look(tenant: fixture.tenant, fence: nil).paused == ["anna", "ben"])
        #expect(try await #require(fixture.redis("TTL", key("paused", fixture)).integer) > 1_000)
        try await stores[1].save(AgentRoster(agents: agents), tenant: fixture.tenant, fence: "f")
        #expect(try await stores[1].look(tenant: fixture.tenant, fence: nil).fresh?.paused == ["anna", "ben"])
        try await stores[1].setPaused(false, username: "ANNA", tenant: fixture.tenant)
        #expect(try await stores[0].look(tenant: fixture.tenant, fence: nil).paused == ["ben"])
        #expect(try await fixture.immortalKeys() == [])
    }
}
