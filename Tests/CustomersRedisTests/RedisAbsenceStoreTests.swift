import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Absences in Redis")
struct RedisAbsenceStoreTests {
    @Test("one gateway looks at a time, and only where agents have rooms")
    func turn() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisAbsenceStore($0) }
        #expect(try await stores[0].begin(tenant: fixture.tenant, interval: 60_000) == .needless)
        try await fixture.open("r1", agent: "a")
        #expect(try await stores[0].begin(tenant: fixture.tenant, interval: 60_000) == .ours)
        #expect(try await stores[1].begin(tenant: fixture.tenant, interval: 60_000) == .taken)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("who has rooms and is not there is noted from then on; who comes back, or has none any more, is forgotten")
    func note() async throws {
        let fixture = try await RedisFixture()
        let store = RedisAbsenceStore(fixture.clients[0])
        for agent in ["a", "b", "c"] { try await fixture.open("r\(agent)", agent, agent: agent) }
        #expect(try await store.note(present: ["b"], longerThan: 60_000, tenant: fixture.tenant) == [])
        #expect(Set(try await store.note(present: ["b"], longerThan: 0, tenant: fixture.tenant)) == ["a", "c"])
        let away = "cg:{\(fixture.tenant)}:away"
        _ = try await fixture.redis("HSET", away, "c", "1700000000000")
        #expect(try await store.note(present: ["b"], longerThan: 60_000, tenant: fixture.tenant) == ["c"])
        #expect(try await #require(store.absence(of: "c", tenant: fixture.tenant)) > 60_000)
        #expect(try await store.absence(of: "b", tenant: fixture.tenant) == nil)
        #expect(try await store.note(present: ["c"], longerThan: 60_000, tenant: fixture.tenant) == [])
        #expect(try await store.absence(of: "c", tenant: fixture.tenant) == nil)
        let closing = try #require(try await fixture.rooms().beginClose("ra", tenant: fixture.tenant))
        try await fixture.rooms().finishClose(closing, archived: false)
        _ = try await store.note(present: [], longerThan: 60_000, tenant: fixture.tenant)
        #expect(try await store.absence(of: "a", tenant: fixture.tenant) == nil)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("an agent's rooms come in the order of their opening, without those that wait or close")
    func rooms() async throws {
        let fixture = try await RedisFixture()
        let store = RedisAbsenceStore(fixture.clients[0])
        for number in [3, 1, 2, 4, 5] {
            var session = try fixture.session("r\(number)", "c\(number)", agent: "a")
            session.opened = Int64(number)
            _ = try await fixture.take(["a": 9])
            _ = try await fixture.rooms().open(session)
        }
        _ = try await fixture.take(["a": 9])
        _ = try await fixture.rooms().beginClose("r5", tenant: fixture.tenant)
        _ = try await fixture.rooms().returnToQueue(fixture.session("r4", "c4", agent: "a"), keepingAgent: true)
        #expect(try await store.rooms(of: "a", limit: 9, tenant: fixture.tenant) == ["r1", "r2", "r3"])
        #expect(try await store.rooms(of: "a", limit: 2, tenant: fixture.tenant) == ["r1", "r2"])
        #expect(try await store.rooms(of: "nobody", limit: 2, tenant: fixture.tenant) == [])
    }

    @Test("a room's transfers are logged, the newest are kept, and the log goes with the room")
    func log() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        #expect(try await fixture.rooms().transfers(of: "r1", tenant: fixture.tenant) == [])
        for number in 0...TransferRecord.kept {
            try await fixture.rooms().log(
                TransferRecord(
                    reason: .reassign, fromAgent: "a", fromDepartment: fixture.sales, toAgent: "",
                    toDepartment: fixture.support, outcome: "no \(number) for\tsome reason"),
                of: "r1", tenant: fixture.tenant)
        }
        let log = try await fixture.rooms(1).transfers(of: "r1", tenant: fixture.tenant)
        #expect(log.count == TransferRecord.kept)
        #expect(log.first?.outcome == "no 1 for\tsome reason")
        let last = try #require(log.last)
        #expect(last.reason == .reassign && last.fromAgent == "a" && last.toAgent.isEmpty)
        #expect(last.fromDepartment == fixture.sales && last.toDepartment == fixture.support)
        #expect(last.at > 1_750_000_000_000)
        #expect(try await fixture.immortalKeys() == [])
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        try await fixture.rooms().finishClose(session, archived: false)
        #expect(try await fixture.rooms().transfers(of: "r1", tenant: fixture.tenant) == [])
    }

    @Test("a hand-over makes the former agent a visitor and the new one none")
    func visitors() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("r1", agent: "a")
        func visitors() async throws -> Set<String> {
            let names = try await fixture.redis("HKEYS", "cg:{\(fixture.tenant)}:room:r1").array ?? []
            return Set(names.compactMap(\.text).filter { $0.hasPrefix("visitor:") })
        }
        try await fixture.rooms().noteVisitor("b", isIn: true, rid: "r1", tenant: fixture.tenant)
        try await fixture.rooms().noteVisitor("b", isIn: true, rid: "gone", tenant: fixture.tenant)
        #expect(try await visitors() == ["visitor:b"])
        _ = try await fixture.take(["b": 9])
        var session = former
        session.agent = "b"
        #expect(try await fixture.rooms().assign(session, from: former))
        #expect(try await visitors() == ["visitor:a"])
        try await fixture.rooms().noteVisitor("a", isIn: false, rid: "r1", tenant: fixture.tenant)
        #expect(try await visitors() == [])
        #expect(try await fixture.redis("EXISTS", "cg:{\(fixture.tenant)}:room:gone").integer == 0)
        #expect(try await fixture.immortalKeys() == [])
    }
}
