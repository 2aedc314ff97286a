import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Loads and queues in Redis")
struct RedisQueueTests {
    @Test("the first with a free slot, or the one with the fewest rooms")
    func choice() async throws {
        let fixture = try await RedisFixture()
        for _ in 0..<2 { #expect(try await fixture.take(["a": 2, "b": 2]) == "a") }
        #expect(try await fixture.take(["a": 2, "b": 2]) == "b")
        #expect(try await fixture.take(["a": 9, "b": 9, "c": 9], leastBusy: true) == "c")
        #expect(try await fixture.take(["a": 2, "b": 2]) == "b")
        #expect(try await fixture.take(["a": 2, "b": 2]) == nil)
        #expect(try await fixture.take(["d": 0]) == nil)
        #expect(try await fixture.take([:]) == nil)
    }

    @Test("no agent ever exceeds their capacity, whatever the number of gateways")
    func atomic() async throws {
        let fixture = try await RedisFixture()
        let taken = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await fixture.take(["a": 7, "b": 5], leastBusy: number % 3 == 0, gateway: number % 2)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1 ?? "nobody", default: 0] += 1 }
        }
        #expect(taken == ["a": 7, "b": 5, "nobody": 188])
    }

    @Test("a slot that is given back is free; giving back what was not taken does nothing")
    func release() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        _ = try await fixture.take(["a": 2], for: try fixture.key().stored.hash)
        #expect(try await fixture.take(["a": 2]) == nil)
        for _ in 0..<3 { try await fixture.rooms().release("a", for: try fixture.key().stored) }
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.take(["a": 2]) == "a")
    }

    @Test("a slot is kept for as long as its customer's lock is held")
    func locked() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob))
        _ = try await fixture.take(["a": 1], for: bob.hash)
        try await fixture.passAMinute()
        #expect(try await fixture.take(["a": 1]) == nil)
        #expect(try await fixture.customers(1).keepLock(bob, fence: fence))
        #expect(try await !fixture.customers(1).keepLock(bob, fence: "another"))
        try await fixture.customers().unlock(bob, fence: fence)
        #expect(try await fixture.take(["a": 1]) == "a")
    }

    @Test("a promotion that is kept up is nobody else's")
    func keptUp() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 9]))
        try await fixture.passAMinute()
        try await fixture.rooms().keepUp(promotion)
        #expect(try await fixture.promote(["a": 9]) == nil)
        try await fixture.passAMinute()
        let other = try #require(try await fixture.promote(["b": 9]))
        try await fixture.rooms().keepUp(promotion)
        #expect(other.agent == "b")
        // Whoever carries the first one out has perhaps put its agent into the room, and takes them out again.
        #expect(try await fixture.load("a") == ["r1"])
        try await fixture.leave("a", "r1")
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.load("b") == ["r1"])
    }

    @Test("a slot that was taken and of which nothing is noted any more is free again soon")
    func forgotten() async throws {
        let fixture = try await RedisFixture()
        for _ in 0..<3 { _ = try await fixture.take(["a": 3]) }
        #expect(try await fixture.take(["a": 3]) == nil)
        try await fixture.passAMinute()
        #expect(try await fixture.take(["a": 3]) == nil, "the sweep has not looked yet what came of them")
        for key in try await fixture.keys() where key.contains(":opening:") { _ = try await fixture.redis("DEL", key) }
        #expect(try await fixture.take(["a": 3]) == "a")
        #expect(try await fixture.load("a") == ["take"])
    }

    @Test("a room that ran out or went elsewhere unseen does not count for ever")
    func expired() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        try await fixture.open("r2", "eve", agent: "a")
        #expect(try await fixture.take(["a": 2]) == nil)
        _ = try await fixture.redis("DEL", "cg:{\(fixture.tenant)}:room:r1")
        #expect(try await fixture.take(["a": 2]) == "a")
        #expect(try await fixture.load("a") == ["r2", "take"])
    }

    @Test("an agent who was found to have a room is counted beyond capacity")
    func count() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1", agent: "a")
        try await fixture.rooms().count("a", for: try fixture.key("eve").stored)
        #expect(try await fixture.load("a") == ["r1", "take"])
        _ = try await fixture.rooms().open(fixture.session("r2", "eve", agent: "a"))
        #expect(try await fixture.load("a") == ["r1", "r2"])
    }

    @Test("nobody is taken past a queue")
    func notPast() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        #expect(try await fixture.take(["a": 9], behind: fixture.sales) == nil)
        #expect(try await fixture.take(["a": 9], behind: fixture.support) == "a")
        #expect(try await fixture.take(["a": 9]) == "a")
        // While the first is on its way to an agent, the next one still waits behind it.
        #expect(try await fixture.promote(["a": 9]) != nil)
        #expect(try await fixture.take(["a": 9], behind: fixture.sales) == nil)
    }

    @Test("rooms are promoted in the order of their arrival, each to one gateway")
    func promote() async throws {
        let fixture = try await RedisFixture()
        for number in 1...5 { try await fixture.open("r\(number)", "c\(number)") }
        let first = try #require(try await fixture.promote(["a": 4]))
        #expect(first.session.rid == "r1")
        #expect(first.agent == "a")
        #expect(first.session.state == .waiting)
        let rest = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<10 {
                group.addTask { try await fixture.promote(["a": 4], gateway: number % 2)?.session.rid }
            }
            return try await group.reduce(into: [String]()) { if let rid = $1 { $0.append(rid) } }
        }
        #expect(rest.sorted() == ["r2", "r3", "r4"])
        #expect(try await fixture.load("a") == ["r1", "r2", "r3", "r4"])
        #expect(try await fixture.rooms().find("r5", tenant: fixture.tenant)?.place == 5)
    }

    @Test("a promotion that is carried out leaves the queue, counted once")
    func carriedOut() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 1]))
        var session = promotion.session
        (session.agent, session.state) = ("a", .assigned)
        #expect(try await fixture.rooms(1).assign(session, from: promotion.session))
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.rooms().waiting(in: [fixture.sales], tenant: fixture.tenant) == [])
        try await fixture.rooms().undo(promotion, toEnd: false)
        #expect(try await fixture.load("a") == ["r1"])
        #expect(try await fixture.redis("HEXISTS", fixture.roomKey("r1"), "visitor:a").integer == 0)
        #expect(try await fixture.state("r1") == .assigned)
    }

    @Test("an undone promotion keeps its place, or goes to the end and rests")
    func undo() async throws {
        let fixture = try await RedisFixture()
        for number in 1...3 { try await fixture.open("r\(number)", "c\(number)") }
        let first = try #require(try await fixture.promote(["a": 9]))
        try await fixture.leave("a", "r1")
        for _ in 0..<2 { try await fixture.rooms().undo(first, toEnd: false) }
        #expect(try await fixture.load("a") == [])
        let again = try #require(try await fixture.promote(["a": 9]))
        #expect(again.session.rid == "r1")
        try await fixture.leave("a", "r1")
        try await fixture.rooms().undo(again, toEnd: true)
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.rooms().find("r1", tenant: fixture.tenant)?.place == 3)
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r2")
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r3")
        #expect(try await fixture.promote(["a": 9]) == nil)
        try await fixture.passAMinute()
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r2")
    }

    @Test(
        "a promotion that a crash cut short is made again, to the same agent if they are there: they may be in the room"
    )
    func crashed() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        let cutShort = try #require(try await fixture.promote(["b": 1]))
        #expect(cutShort.agent == "b")
        #expect(try await fixture.promote(["a": 1, "b": 1]) == nil)
        #expect(try await fixture.rooms().find("r1", tenant: fixture.tenant)?.place == 1)
        try await fixture.passAMinute()
        #expect(try await fixture.take(["b": 1]) == nil)
        #expect(try await fixture.promote(["a": 1, "b": 1])?.agent == "b")
        #expect(try await fixture.load("b") == ["r1"])
        try await fixture.passAMinute()
        // Now they are away. Their place is taken until the room is somebody else's.
        let other = try #require(try await fixture.promote(["a": 1]))
        #expect(other.agent == "a")
        #expect(try await fixture.take(["b": 1]) == nil)
        var session = other.session
        (session.agent, session.state) = ("a", .assigned)
        #expect(try await fixture.rooms().assign(session, from: other.session))
        #expect(try await fixture.load("a") == ["r1"])
        try await fixture.passAMinute()
        #expect(try await fixture.take(["b": 1]) == nil, "they may be in the room still")
        try await fixture.leave("b", "r1")
        #expect(try await fixture.take(["b": 1]) == "b")
    }

    @Test(
        "a room that closes or is transferred while an agent is on the way into it counts for them until they are out")
    func overtaken() async throws {
        let fixture = try await RedisFixture()
        let closed = try await fixture.open("r1")
        let transferred = try await fixture.open("r2", "eve")
        let first = try #require(try await fixture.promote(["a": 2]))
        let second = try #require(try await fixture.promote(["a": 2]))
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        #expect(try await fixture.load("a") == ["r1", "r2"])
        #expect(try await fixture.take(["a": 2]) == nil)
        // They were in the room when it was removed; or they were taken out of it before that.
        try await fixture.rooms().finishClose(closed, archived: false)
        #expect(try await fixture.load("a") == ["r2"])
        _ = try await fixture.take(["b": 1], for: transferred.customer.hash)
        var session = transferred
        (session.agent, session.state, session.department) = ("b", .assigned, fixture.support)
        #expect(try await fixture.rooms().assign(session, from: transferred))
        #expect(try await fixture.take(["a": 1]) == nil)
        #expect(try await fixture.load("a") == ["r2"])
        try await fixture.leave("a", "r2")
        #expect(try await fixture.load("a") == [])
        for promotion in [first, second] { try await fixture.rooms().undo(promotion, toEnd: true) }
        #expect(try await fixture.load("a") == [])
        #expect(try await fixture.load("b") == ["r2"])
        #expect(try await fixture.rooms().waiting(in: [fixture.sales], tenant: fixture.tenant) == [])
    }

    @Test("a room that is queued elsewhere while an agent is on the way into it counts for them until they are out")
    func queuedElsewhere() async throws {
        let fixture = try await RedisFixture()
        var session = try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 1]))
        session.department = fixture.support
        #expect(try await fixture.rooms().enqueue(session) == 1)
        #expect(try await fixture.take(["a": 1]) == nil)
        try await fixture.leave("a", "r1")
        #expect(try await fixture.take(["a": 1]) == "a")
        try await fixture.rooms().undo(promotion, toEnd: true)
        #expect(try await fixture.load("a") == ["take"])
    }

    @Test("an agent who is being taken out of a room is not found for it: it would be theirs without them in it")
    func takenOut() async throws {
        let fixture = try await RedisFixture()
        var session = try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 9]))
        for department in [fixture.support, fixture.sales] {
            session.department = department
            #expect(try await fixture.rooms().enqueue(session) == 1)
        }
        #expect(try await fixture.promote(["a": 9]) == nil)
        // However long that takes.
        try await fixture.passAMinute()
        try await fixture.rooms().keepUp(promotion)
        #expect(try await fixture.promote(["a": 9]) == nil)
        let other = try #require(try await fixture.promote(["a": 9, "b": 9]))
        #expect(other.agent == "b")
        try await fixture.leave("b", "r1")
        try await fixture.rooms().undo(other, toEnd: false)
        try await fixture.leave("a", "r1")
        #expect(try await fixture.promote(["a": 9])?.agent == "a")
    }

    @Test("an agent whom the chat server does not let out of a room again is counted for it until they are out")
    func stuck() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 1]))
        try await fixture.rooms().undo(promotion, toEnd: false)
        #expect(try await fixture.take(["a": 1]) == nil)
        // The same room may have them.
        let again = try #require(try await fixture.promote(["a": 1]))
        #expect(again.agent == "a")
        try await fixture.rooms().undo(again, toEnd: true)
        try await fixture.passAMinute()
        #expect(try await fixture.take(["a": 1]) == nil)
        try await fixture.leave("a", "r1")
        #expect(try await fixture.take(["a": 1]) == "a")
    }

    @Test("a room goes into another department's queue with the agent it has, and is not promoted to the same one")
    func enqueue() async throws {
        let fixture = try await RedisFixture()
        var session = try await fixture.open("r1", department: fixture.support, agent: "a")
        (session.department, session.groupName) = (fixture.sales, "new")
        #expect(try await fixture.rooms().enqueue(session) == 1)
        #expect(try await fixture.rooms().enqueue(session) == 1)
        #expect(try await fixture.immortalKeys() == [])
        try await fixture.open("r2", "eve")
        let stored = try #require(try await fixture.rooms().find("r1", tenant: fixture.tenant))
        #expect(stored.session.agent == "a")
        #expect(stored.session.state == .waiting)
        #expect(stored.session.groupName == "new")
        #expect(try await fixture.load("a") == ["r1"])
        // Only their own agent is free: the room is passed over, the next one is not kept waiting.
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r2")
        #expect(try await fixture.promote(["b": 9])?.session.rid == "r1")
        let found = try await fixture.customers().find(session.customer, slot: .department(fixture.sales), rid: nil)
        #expect(found?.session?.session.rid == "r1")
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        #expect(try await fixture.rooms().enqueue(session) == nil)
    }

    @Test("what lies in a queue and does not belong there is swept out")
    func stale() async throws {
        let fixture = try await RedisFixture()
        let queue = "cg:{\(fixture.tenant)}:queue:\(fixture.sales)"
        _ = try await fixture.redis("ZADD", queue, "1", "ghost")
        try await fixture.open("busy", agent: "a")
        _ = try await fixture.redis("ZADD", queue, "2", "busy")
        try await fixture.open("r1", "eve")
        #expect(try await fixture.promote(["a": 9])?.session.rid == "r1")
        #expect(try await fixture.redis("ZCARD", queue).integer == 1)
    }

    @Test("rooms that come back stand before all who wait, in the order of their opening, and keep their agent for now")
    func returned() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("waits", "w")
        var returned: [RoomSession] = []
        for number in 1...3 {
            var session = try fixture.session("r\(number)", "c\(number)", agent: "a")
            session.opened += Int64(number)
            _ = try await fixture.take(["a": 9], for: session.customer.hash)
            _ = try await fixture.rooms().open(session)
            returned.append(session)
        }
        #expect(try await fixture.rooms().returnToQueue(returned[2], keepingAgent: true) == 1)
        #expect(try await fixture.rooms(1).returnToQueue(returned[0], keepingAgent: true) == 1)
        #expect(try await fixture.rooms().returnToQueue(returned[1], keepingAgent: false) == 2)
        #expect(try await fixture.rooms().returnToQueue(returned[2], keepingAgent: true) == 3)
        #expect(try await fixture.rooms().find("waits", tenant: fixture.tenant)?.place == 4)
        #expect(try await fixture.load("a") == ["r1", "r3"])
        #expect(try await fixture.rooms().find("r2", tenant: fixture.tenant)?.session.agent == "")
        var other = returned[0]
        other.agent = "b"
        #expect(try await fixture.rooms().returnToQueue(other, keepingAgent: true) == nil)
        // Their own agent comes first: the room is theirs again, and counted once.
        let again = try #require(try await fixture.promote(["a": 1]))
        #expect(again.session.rid == "r1" && again.agent == "a")
        try await fixture.rooms().undo(again, toEnd: false)
        #expect(try await fixture.load("a") == ["r1", "r3"])
        let third = try #require(try await fixture.promote(["a": 1]))
        var session = third.session
        session.state = .assigned
        #expect(try await fixture.rooms().assign(session, from: third.session))
        #expect(try await fixture.load("a") == ["r1", "r3"])
        // Another one comes.
        #expect(try await fixture.promote(["b": 9])?.session.rid == "r2")
        let next = try #require(try await fixture.promote(["b": 9]))
        #expect(next.session.rid == "r3" && next.agent == "b")
        _ = try await fixture.rooms().beginClose("r3", tenant: fixture.tenant)
        #expect(try await fixture.load("a") == ["r1", "r3"])
        #expect(try await fixture.load("b") == ["r2", "r3"])
        let waiting = try await RedisInspection(fixture.clients[0]).waitingRooms(
            fixture.sales, tenant: fixture.tenant, limit: 9)
        #expect(waiting.map(\.rid) == ["r2", "waits"])
        #expect(waiting.allSatisfy { $0.since > 1_750_000_000_000 })
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test(
        "an agent who has a room that came back keeps their slot when the room is closed or queued elsewhere meanwhile")
    func promotedToOwnAgent() async throws {
        let fixture = try await RedisFixture()
        var session = try await fixture.open("r1", agent: "a")
        #expect(try await fixture.rooms().returnToQueue(session, keepingAgent: true) == 1)
        #expect(try await fixture.promote(["a": 1])?.agent == "a")
        session.department = fixture.support
        #expect(try await fixture.rooms().enqueue(session) == 1)
        #expect(try await fixture.load("a") == ["r1"])
    }

    @Test("the customer's last agent comes first in a queue that is sticky, if they have a free slot")
    func sticky() async throws {
        let fixture = try await RedisFixture()
        var session = try await fixture.open("r0", agent: "c")
        let found = try await fixture.customers().find(session.customer, slot: nil, rid: nil)
        #expect(found?.lastAgent == "c")
        _ = try await fixture.rooms().beginClose("r0", tenant: fixture.tenant)
        try await fixture.rooms().finishClose(session, archived: false)
        session = try await fixture.open("r1")
        let promotion = try #require(try await fixture.promote(["a": 9, "b": 9, "c": 9], policy: .sticky))
        #expect(promotion.agent == "c")
        try await fixture.leave("c", "r1")
        try await fixture.rooms().undo(promotion, toEnd: false)
        #expect(try await fixture.promote(["a": 9, "b": 9, "c": 0], policy: .sticky)?.agent == "a")
    }

    @Test("a department's pace is a moving average of the time a place takes")
    func pace() async throws {
        let fixture = try await RedisFixture()
        for number in 1...3 { try await fixture.open("r\(number)", "c\(number)") }
        #expect(try await fixture.rooms().find("r3", tenant: fixture.tenant)?.pace == nil)
        func serve(_ rid: String, waited milliseconds: Int64, agent: String) async throws {
            let queued = try await #require(fixture.redis("HGET", "cg:{\(fixture.tenant)}:room:\(rid)", "queued").text)
            let past = try #require(Int64(queued)) - milliseconds
            _ = try await fixture.redis("HSET", "cg:{\(fixture.tenant)}:room:\(rid)", "queued", "\(past)")
            let promotion = try #require(try await fixture.promote([agent: 1]))
            #expect(promotion.session.rid == rid)
            var session = promotion.session
            (session.agent, session.state) = (agent, .assigned)
            #expect(try await fixture.rooms().assign(session, from: promotion.session))
        }
        try await serve("r1", waited: 100_000, agent: "a")
        let first = try #require(try await fixture.rooms().find("r3", tenant: fixture.tenant))
        #expect(first.place == 2)
        #expect((100_000..<130_000).contains(try #require(first.pace)))
        // From the second place: half of it each.
        try await serve("r2", waited: 400_000, agent: "b")
        let second = try #require(try await fixture.rooms().open(fixture.session("r4", "c4", state: .waiting)).pace)
        #expect((120_000..<150_000).contains(second))
        let found = try await fixture.customers().find(
            try fixture.key("c3").stored, slot: .department(fixture.sales), rid: nil)
        #expect(found?.session?.pace == second)
        #expect(try await fixture.immortalKeys() == [])
    }
}
