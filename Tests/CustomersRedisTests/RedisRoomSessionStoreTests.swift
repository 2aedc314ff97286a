import ChatBackend
import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Room sessions in Redis")
struct RedisRoomSessionStoreTests {
    @Test("a session comes back as written")
    func roundTrip() async throws {
        let fixture = try await RedisFixture()
        for state in [RoomSession.State.assigned, .offline, .closing, .archived, .moved] {
            let session = try fixture.session(
                "r/\(state)+", "王", kind: .direct, agent: "a", state: state, previous: ["x", "y"])
            #expect(try await fixture.rooms().open(session).place == 0)
            let found = try await fixture.rooms(1).find(session.rid, tenant: fixture.tenant)
            #expect(found == StoredSession(session: session, place: 0))
        }
        #expect(try await fixture.rooms().find("nonsense", tenant: fixture.tenant) == nil)
    }

    @Test("another tenant's room is absent")
    func foreign() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        let other = try #require(TenantID("11111111-1111-4111-8111-111111111111"))
        #expect(try await fixture.rooms().find("r1", tenant: other) == nil)
        #expect(try await fixture.rooms().beginClose("r1", tenant: other) == nil)
        #expect(try await fixture.state("r1") == .assigned)
    }

    @Test("opening turns the slot that was kept into the room")
    func open() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored.hash
        for _ in 0..<2 { #expect(try await fixture.take(["a": 1], for: bob) == "a") }
        #expect(try await fixture.load("a") == ["take"])
        _ = try await fixture.rooms().open(fixture.session(agent: "a"))
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.take(["a": 1]) == nil)
    }

    @Test("opening twice counts once; opening anew with another agent frees the first")
    func openAgain() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        try await fixture.open("r1", agent: "a")
        #expect(try await fixture.load("a") == ["r1"])
        try await fixture.open("r1", agent: "b")
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.load("b") == ["r1"])
        try await fixture.open("r1", department: fixture.support)
        #expect(try await fixture.load("b") == [])
        try await fixture.open("r1", agent: "b")
        #expect(try await fixture.rooms().waiting(in: [fixture.sales, fixture.support], tenant: fixture.tenant) == [])
    }

    @Test("a waiting room gets its place")
    func places() async throws {
        let fixture = try await RedisFixture()
        for number in 1...3 {
            let session = try fixture.session("r\(number)", "c\(number)", state: .waiting)
            #expect(try await fixture.rooms().open(session).place == number)
        }
        #expect(try await fixture.rooms().find("r2", tenant: fixture.tenant)?.place == 2)
        #expect(
            try await fixture.rooms().waiting(in: [fixture.support, fixture.sales], tenant: fixture.tenant) == [
                fixture.sales
            ])
    }

    @Test("handing over moves the count, leaves the queue, and takes the slot along")
    func assign() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("r1", agent: "a")
        _ = try await fixture.take(["b": 1], for: try fixture.key().stored.hash)
        var session = former
        (session.agent, session.department, session.groupName) = ("b", fixture.support, "new")
        #expect(try await fixture.rooms().assign(session, from: former))
        #expect(try await fixture.rooms().find("r1", tenant: fixture.tenant)?.session == session)
        // The former one counts until they are out of the room, should the gateway die before that, too.
        try await fixture.passAMinute()
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.take(["a": 1]) == nil)
        try await fixture.rooms().noteVisitor("a", isIn: false, rid: "r1", tenant: fixture.tenant)
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.load("b") == ["r1"])
        let store = fixture.customers()
        #expect(
            try await store.find(session.customer, slot: .department(fixture.support), rid: nil)?.session?.session.rid
                == "r1")
        #expect(try await store.find(session.customer, slot: .department(fixture.sales), rid: nil)?.session == nil)
    }

    @Test("an agent who may be in a room is counted for it, instead of for its customer, until they are out")
    func mayBeIn() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        _ = try await fixture.take(["b": 2], for: session.customer.hash)
        #expect(try await fixture.load("b") == ["take"])
        try await fixture.rooms().noteVisitor("b", isIn: true, rid: "r1", tenant: fixture.tenant)
        // A gateway that died gives nothing back; one that lives gives back what it took.
        try await fixture.rooms().release("b", for: session.customer)
        try await fixture.passAMinute()
        #expect(try await fixture.load("b") == ["r1"])
        #expect(try await fixture.take(["b": 1]) == nil)
        try await fixture.rooms().noteVisitor("b", isIn: false, rid: "r1", tenant: fixture.tenant)
        #expect(try await fixture.load("b") == [])
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.take(["b": 1]) == "b")
    }

    @Test("a room that is not the former's any more, in another department, or closing is not handed over")
    func assignRefused() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("r1", agent: "a")
        _ = try await fixture.take(["b": 1], for: try fixture.key().stored.hash)
        var session = former
        session.agent = "b"
        var wrong = former
        wrong.agent = ""
        #expect(try await !fixture.rooms().assign(session, from: wrong))
        wrong = former
        wrong.department = fixture.support
        #expect(try await !fixture.rooms().assign(session, from: wrong))
        wrong.rid = "nonsense"
        #expect(try await !fixture.rooms().assign(wrong, from: wrong))
        #expect(try await fixture.load("a") == ["r1"])
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        #expect(try await !fixture.rooms().assign(session, from: former))
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.load("b") == ["take"])
    }

    @Test("the slot of a department that the customer has a room in already stays with that room")
    func slotTaken() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("r1", agent: "a")
        try await fixture.open("r2", department: fixture.support, agent: "b")
        _ = try await fixture.take(["b": 9], for: try fixture.key().stored.hash)
        var session = former
        (session.agent, session.department) = ("b", fixture.support)
        #expect(try await fixture.rooms().assign(session, from: former))
        let found = try await fixture.customers().find(former.customer, slot: .department(fixture.support), rid: nil)
        #expect(found?.session?.session.rid == "r2")
        #expect(found?.openRooms == ["r1", "r2"])
    }

    @Test("a direct room is replaced by its successor")
    func move() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("d1", kind: .direct, department: .zero, agent: "a")
        _ = try await fixture.take(["b": 1], for: try fixture.key().stored.hash)
        let successor = try fixture.session("d2", kind: .direct, department: .zero, agent: "b", previous: ["d1"])
        #expect(try await fixture.rooms().move(former, to: successor))
        #expect(try await fixture.state("d1") == .moved)
        #expect(try await fixture.rooms().find("d2", tenant: fixture.tenant)?.session == successor)
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.load("b") == ["d2"])
        let found = try await fixture.customers().find(former.customer, slot: .direct, rid: nil)
        #expect(found?.session?.session.rid == "d2")
        #expect(found?.openRooms == ["d2"])
        // A second one that started from the same room comes too late.
        #expect(
            try await !fixture.rooms().move(
                former, to: fixture.session("d3", kind: .direct, department: .zero, agent: "c")))
        #expect(try await fixture.rooms().find("d3", tenant: fixture.tenant) == nil)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("closing: out of the queue at once, everything gone at the end, and a tombstone")
    func close() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r0", "eve")
        let session = try await fixture.open("r1")
        #expect(try await fixture.rooms().beginClose("r1", tenant: fixture.tenant) == session)
        #expect(try await fixture.state("r1") == .closing)
        #expect(try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)?.rid == "r1")
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r0")
        #expect(try await fixture.promote(["a": 9]) == nil)
        #expect(try await fixture.rooms().closedRoom("r1", tenant: fixture.tenant) == nil)
        for _ in 0..<2 { try await fixture.rooms().finishClose(session, archived: false) }
        #expect(try await fixture.rooms().find("r1", tenant: fixture.tenant) == nil)
        #expect(try await fixture.rooms(1).closedRoom("r1", tenant: fixture.tenant) == session.customer)
        let found = try await fixture.customers().find(session.customer, slot: .department(fixture.sales), rid: "r1")
        #expect(found?.session == nil)
        #expect(found?.openRooms == [])
        #expect(try await #require(fixture.redis("TTL", "cg:{\(fixture.tenant)}:closed:r1").integer) > 86_000)
    }

    @Test("a room counts until it is gone; closing frees the agent once, however often it is done")
    func closeFrees() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        try await fixture.open("r2", "eve", agent: "a")
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        #expect(try await fixture.load("a") == ["r1", "r2"])
        #expect(try await fixture.take(["a": 2]) == nil)
        for _ in 0..<3 { try await fixture.rooms().finishClose(session, archived: false) }
        #expect(try await fixture.load("a") == ["r2"])
    }

    @Test("a room that the chat server does not remove lets its agent go; an open one does not")
    func letGo() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        try await fixture.rooms().letGo(session)
        #expect(try await fixture.load("a") == ["r1"])
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        for _ in 0..<2 { try await fixture.rooms().letGo(session) }
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.state("r1") == .closing)
    }

    @Test("an archived room stays for a year, with nobody's slot")
    func archive() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        for _ in 0..<2 { try await fixture.rooms().finishClose(session, archived: true) }
        #expect(try await fixture.state("r1") == .archived)
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.rooms().beginClose("r1", tenant: fixture.tenant) == nil)
        #expect(try await fixture.rooms().closedRoom("r1", tenant: fixture.tenant) == session.customer)
        #expect(try await #require(fixture.redis("TTL", "cg:{\(fixture.tenant)}:room:r1").integer) > 364 * 86_400)
    }

    @Test("a room opened again under an id that was closed has no tombstone")
    func reopened() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("d1", kind: .direct, department: .zero, agent: "a")
        try await fixture.rooms().finishClose(session, archived: false)
        try await fixture.open("d1", kind: .direct, department: .zero, agent: "a")
        #expect(try await fixture.rooms().closedRoom("d1", tenant: fixture.tenant) == nil)
        #expect(try await fixture.state("d1") == .assigned)
    }
}
