import ChatBackend
@testable import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Openings in Redis")
struct RedisOpeningTests {
    private func opening(_ fixture: RedisFixture, _ name: String = "bob") throws -> Opening {
        Opening(group: "sales_\(name)_1f3c", of: try fixture.key(name), with: fixture.sales)
    }

    private func sweep(_ fixture: RedisFixture) -> RedisSweepStore { RedisSweepStore(fixture.clients[0]) }

    private func due(_ fixture: RedisFixture) async throws -> [SweepTurn.Room] {
        _ = try await fixture.redis("DEL", "cg:{\(fixture.tenant)}:lease:sweep")
        return try await sweep(fixture).begin(tenant: fixture.tenant, ages: [.opening: 1], limit: 20)?.due ?? []
    }

    @Test("what was noted with the lock and taken under it goes with the lock, and the slot with it")
    func settled() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        #expect(try await fixture.customers(1).lock(bob, opening: opening(fixture)) == nil)
        #expect(try await fixture.take(["a": 1], for: bob.hash) == "a")
        #expect(try await fixture.load("a") == ["take"])
        let noted = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        #expect(noted.key == (try fixture.key()) && noted.groups == [fixture.sales: "sales_bob_1f3c"])
        #expect(noted.agents == ["a"] && !noted.isDirect)
        #expect(try await fixture.immortalKeys() == [])
        try await fixture.customers().unlock(bob, fence: "another", isSettled: true)
        #expect(try await sweep(fixture).lapsedOpening(of: bob) == noted)
        try await fixture.customers().unlock(bob, fence: fence, isSettled: true)
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.keys().filter { $0.contains("opening") || $0.contains("lock") } == [])
    }

    @Test(
        "what nobody can say is over is due until it is ended, and failures count; a room that was opened stays counted"
    )
    func lapsed() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        _ = try await fixture.take(["a": 2], for: bob.hash)
        try await fixture.customers().unlock(bob, fence: fence, isSettled: false)
        try await Task.sleep(for: .milliseconds(5))
        let room = try #require(try await due(fixture).first)
        #expect(room == SweepTurn.Room(rid: bob.hash, rule: .opening, failures: 0))
        try await sweep(fixture).postpone(room, by: 0, age: 1, tenant: fixture.tenant)
        try await Task.sleep(for: .milliseconds(5))
        #expect(try await due(fixture).map(\.failures) == [1])
        // The same customer again, who takes over nobody's note.
        let second = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        try await fixture.open("r1", agent: "a")
        try await fixture.customers().unlock(bob, fence: second, isSettled: true)
        #expect(try await fixture.load("a") == ["r1"])
        try await Task.sleep(for: .milliseconds(5))
        #expect(try await due(fixture).map(\.failures) == [0])
        let noted = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        try await sweep(fixture).end(noted)
        #expect(try await due(fixture) == [])
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.keys().filter { $0.contains("opening") } == [])
    }

    @Test("a slot is kept beyond the lock and its time until it is known what came of the opening")
    func slotOfLapsed() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        _ = try await fixture.take(["a": 1], for: bob.hash)
        try await fixture.customers().unlock(bob, fence: fence, isSettled: false)
        _ = try await fixture.redis("ZADD", "cg:{\(fixture.tenant)}:agent:a", "1", "take:\(bob.hash)")
        #expect(try await fixture.take(["a": 1], for: "somebody else") == nil)
        #expect(try await fixture.take(["a": 1], for: bob.hash) == "a", "the same customer has it still")
        _ = try await fixture.redis("ZADD", "cg:{\(fixture.tenant)}:agent:a", "1", "take:\(bob.hash)")
        try await sweep(fixture).end(try #require(try await sweep(fixture).lapsedOpening(of: bob)))
        #expect(try await fixture.take(["a": 1], for: "somebody else") == "a")
    }

    @Test(
        "who is in no room is noted no longer when they are given back; what another call may have left is not given back"
    )
    func givenBack() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let first = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        _ = try await fixture.take(["a": 1], for: bob.hash)
        try await fixture.rooms().release("a", for: bob)
        #expect(try await fixture.load("a") == [])
        #expect(try await sweep(fixture).lapsedOpening(of: bob)?.agents == [])
        _ = try await fixture.take(["a": 1], for: bob.hash)
        try await fixture.customers().unlock(bob, fence: first, isSettled: false)
        _ = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        #expect(try await fixture.take(["a": 1], for: bob.hash) == "a")
        try await fixture.rooms().release("a", for: bob)
        #expect(try await fixture.load("a") == ["take"])
        let noted = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        try await sweep(fixture).free(noted)
        #expect(try await fixture.load("a") == [])
        #expect(try await sweep(fixture).lapsedOpening(of: bob) == noted)
    }

    @Test("what was noted since it was looked at stays")
    func notedMeanwhile() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob, opening: opening(fixture)))
        let noted = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        _ = try await fixture.take(["a": 2], for: bob.hash)
        try await sweep(fixture).end(noted)
        let left = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        #expect(left.agents == ["a"] && left.groups.isEmpty)
        try await fixture.customers().unlock(bob, fence: fence, isSettled: true)
        #expect(try await sweep(fixture).lapsedOpening(of: bob) == LapsedOpening(customer: bob))
    }

    @Test("a direct room that waits is noted when an agent is found for it, and left alone while that is carried out")
    func promotion() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        try await fixture.open("r1", kind: .direct, agent: "a")
        var waiting = try fixture.session("r1", kind: .direct, agent: "a", state: .waiting)
        waiting.groupName = "x"
        _ = try await fixture.rooms().enqueue(waiting)
        _ = try #require(try await fixture.promote(["b": 1]))
        #expect(try await sweep(fixture).lapsedOpening(of: bob) == nil)
        try await fixture.passAMinute()
        let noted = try #require(try await sweep(fixture).lapsedOpening(of: bob))
        #expect(noted.isDirect && noted.agents.contains("b") && noted.key == nil)
    }
}
