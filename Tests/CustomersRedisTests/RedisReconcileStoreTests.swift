import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Reconciliation in Redis")
struct RedisReconcileStoreTests {
    private func key(_ name: String, _ fixture: RedisFixture) -> String { "cg:{\(fixture.tenant)}:\(name)" }

    private func begin(_ fixture: RedisFixture, gateway: Int = 0, limit: Int = 100) async throws -> ReconcileTurn? {
        try await RedisReconcileStore(fixture.clients[gateway]).begin(
            tenant: fixture.tenant, departments: [fixture.sales, fixture.support], limit: limit)
    }

    @Test("one gateway has the turn, once a minute")
    func turn() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        let turn = try #require(try await begin(fixture))
        #expect(turn.rooms == ["r1"] && turn.repairs.values.allSatisfy { $0 == 0 })
        #expect(try await begin(fixture, gateway: 1) == nil)
        let left = try await #require(fixture.redis("PTTL", key("lease:reconcile", fixture)).integer)
        #expect((1...60_000).contains(left))
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("slots of rooms that are gone or another's are freed, numbers and queues put right; what is in use stays")
    func begins() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        try await fixture.open("r2", "eve", agent: "b")
        try await fixture.open("w1", "joe")
        _ = try await fixture.take(["a": 9])
        let promotion = try await fixture.promote(["b": 9])
        #expect(promotion?.session.rid == "w1")
        for rid in ["gone", "r2"] {
            _ = try await fixture.redis("ZADD", key("agent:a", fixture), "9007199254740991", rid)
        }
        _ = try await fixture.redis("HSET", key("load", fixture), "b", "7")
        for rid in ["ghost", "r1"] {
            _ = try await fixture.redis("ZADD", key("queue:\(fixture.sales)", fixture), "1", rid)
        }
        let turn = try #require(try await begin(fixture))
        // What was added by hand to a's made the number wrong as well.
        #expect(turn.repairs == [.lostSlot: 2, .count: 2, .queueEntry: 2])
        #expect(try await fixture.load("a") == ["r1", "take"])
        #expect(try await fixture.load("b") == ["r2", "w1"])
        #expect(try await fixture.redis("ZRANGE", key("queue:\(fixture.sales)", fixture), "0", "-1").array?.count == 1)
    }

    @Test("all rooms come in turn, however many")
    func allRooms() async throws {
        let fixture = try await RedisFixture()
        for number in 0..<300 { try await fixture.open("r\(number)", "c\(number)", agent: "a") }
        var seen: Set<String> = []
        for _ in 0..<30 where seen.count < 300 {
            _ = try await fixture.redis("DEL", key("lease:reconcile", fixture))
            let turn = try #require(try await begin(fixture, limit: 50))
            #expect(turn.rooms.count < 150)
            seen.formUnion(turn.rooms)
        }
        #expect(seen.count == 300)
    }

    @Test("a room in which a crash left an agent who does not have it comes first, until they are out")
    func leftBehind() async throws {
        let fixture = try await RedisFixture()
        for number in 0..<300 { try await fixture.open("r\(number)", "c\(number)", agent: "a") }
        try await fixture.rooms().noteVisitor("b", isIn: true, rid: "r250", tenant: fixture.tenant)
        // Somebody is at it.
        #expect(try await begin(fixture, limit: 1)?.rooms.count ?? 300 < 300)
        for _ in 0..<2 {
            _ = try await fixture.redis("ZADD", key("visited", fixture), "1", "r250")
            _ = try await fixture.redis("ZADD", key("visited", fixture), "2", "gone")
            _ = try await fixture.redis("DEL", key("lease:reconcile", fixture))
            let rooms = try #require(try await begin(fixture, limit: 50)).rooms
            #expect(rooms.first == "r250" && Set(rooms).count == rooms.count && rooms.count < 150)
            #expect(try await fixture.redis("ZSCORE", key("visited", fixture), "gone").isNull)
        }
        try await fixture.leave("b", "r250")
        #expect(try await fixture.redis("EXISTS", key("visited", fixture)).integer == 0)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("a room that is not counted, or not queued, is again; one that is queued and has its agent is not any more")
    func settle() async throws {
        let fixture = try await RedisFixture()
        let store = RedisReconcileStore(fixture.clients[0])
        try await fixture.open("r1", agent: "a")
        try await fixture.open("w1", "w1")
        try await fixture.open("w2", "w2")
        #expect(try await store.settle("r1", tenant: fixture.tenant) == SettledRoom())
        _ = try await fixture.redis("DEL", key("agent:a", fixture))
        _ = try await fixture.redis("DEL", key("load", fixture))
        _ = try await fixture.redis("ZREM", key("queue:\(fixture.sales)", fixture), "w1")
        _ = try await fixture.redis("ZADD", key("queue:\(fixture.sales)", fixture), "1", "r1")
        try await fixture.rooms().noteVisitor("b", isIn: true, rid: "r1", tenant: fixture.tenant)
        let settled = try await store.settle("r1", tenant: fixture.tenant)
        #expect(settled == SettledRoom(repairs: [.count, .queueEntry], visitors: ["b"]))
        #expect(try await fixture.load("a") == ["r1"])
        // Who was left in a room by a crash will be taken out: the room is nothing for them now.
        #expect(try await fixture.rooms().returnToQueue(fixture.session("r1", agent: "a"), keepingAgent: false) == 1)
        try await fixture.passAMinute()
        #expect(try await store.settle("r1", tenant: fixture.tenant).visitors == ["b"])
        #expect(try await fixture.promote(["b": 9]) == nil)
        let returned = try #require(try await fixture.promote(["a": 9]))
        var assigned = returned.session
        (assigned.agent, assigned.state) = ("a", .assigned)
        #expect(try await fixture.rooms().assign(assigned, from: returned.session))
        #expect(try await store.settle("w1", tenant: fixture.tenant).repairs == [.waitingRoom])
        // As it came before.
        #expect(try await fixture.rooms().find("w1", tenant: fixture.tenant)?.place == 1)
        #expect(try await fixture.rooms().find("w2", tenant: fixture.tenant)?.place == 2)
        #expect(try await fixture.promote(["a": 9])?.session.rid == "w1")
        #expect(try await store.settle("w1", tenant: fixture.tenant).isPromoting)
        _ = try await fixture.redis("ZADD", key("open", fixture), "1", "ghost")
        #expect(try await store.settle("ghost", tenant: fixture.tenant) == SettledRoom())
        #expect(try await fixture.redis("ZSCORE", key("open", fixture), "ghost").isNull)
        #expect(try await fixture.immortalKeys() == [])
    }
}
