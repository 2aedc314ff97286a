import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Customers in Redis")
struct RedisCustomerStoreTests {
    @Test(
        "a customer comes back as written, whatever the name and the sealed bytes are",
        arguments: ["bob", "王 伟", "a\"b", "👩‍👩‍👧"])
    func roundTrip(_ name: String) async throws {
        let fixture = try await RedisFixture()
        var record = try fixture.record(name)
        record.sealedToken = Array(0...255)
        try await fixture.customers().save(record)
        let found = try #require(try await fixture.customers(1).find(record.key.stored, slot: nil, rid: nil))
        #expect(found.record.key == record.key)
        #expect(found.record.accountID == record.accountID)
        #expect(found.record.username == record.username)
        #expect(found.record.sealedToken == record.sealedToken)
        #expect(found.record.tokenDigest == record.tokenDigest)
        #expect(found.record.tokenMade == record.tokenMade)
        #expect(found.session == nil)
        #expect(found.openRooms.isEmpty)
    }

    @Test("an unknown customer is none")
    func unknown() async throws {
        let fixture = try await RedisFixture()
        #expect(try await fixture.customers().find(fixture.key().stored, slot: .direct, rid: "r") == nil)
    }

    @Test("a customer of whom only rooms are known is none: the record is made again")
    func onlyRooms() async throws {
        let fixture = try await RedisFixture()
        _ = try await fixture.rooms().open(fixture.session(agent: "a"))
        #expect(
            try await fixture.customers().find(fixture.key().stored, slot: .department(fixture.sales), rid: nil) == nil)
    }

    @Test("another customer's record under the same key is not believed")
    func foreignRecord() async throws {
        let fixture = try await RedisFixture()
        let (bob, eve) = (try fixture.record("bob"), try fixture.key("eve"))
        try await fixture.customers().save(bob)
        let prefix = "cg:{\(fixture.tenant)}:customer:"
        _ = try await fixture.redis("RENAME", prefix + bob.key.hash, prefix + eve.hash)
        await #expect(throws: StoreError.self) { try await fixture.customers().find(eve.stored, slot: nil, rid: nil) }
    }

    @Test("the open room in the slot is found with the customer, and its place in the queue")
    func slot() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r0", "eve")
        let session = try await fixture.open("r1")
        let found = try #require(
            try await fixture.customers().find(session.customer, slot: .department(fixture.sales), rid: nil))
        #expect(found.session == StoredSession(session: session, place: 2))
        #expect(found.openRooms == ["r1"])
        let other = try await fixture.customers().find(session.customer, slot: .department(fixture.support), rid: nil)
        #expect(other?.session == nil)
    }

    @Test("a room id leads to the customer's own open room only, else the slot counts")
    func roomID() async throws {
        let fixture = try await RedisFixture()
        let sales = try await fixture.open("r1", agent: "a")
        let support = try await fixture.open("r2", department: fixture.support, agent: "b")
        try await fixture.open("r3", "eve", agent: "a")
        func rid(_ asked: String) async throws -> String? {
            try await fixture.customers().find(sales.customer, slot: .department(fixture.sales), rid: asked)?.session?
                .session.rid
        }
        #expect(try await rid("r2") == support.rid)
        #expect(try await rid("r3") == "r1")
        #expect(try await rid("nonsense") == "r1")
        #expect(try await rid("r1\u{0}{x}") == "r1")
        _ = try await fixture.rooms().beginClose("r2", tenant: fixture.tenant)
        #expect(try await rid("r2") == "r1")
    }

    @Test("finding keeps customer and room alive")
    func keptAlive() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        let keys = ["cg:{\(fixture.tenant)}:customer:\(session.customer.hash)", "cg:{\(fixture.tenant)}:room:r1"]
        for key in keys { _ = try await fixture.redis("EXPIRE", key, "10") }
        _ = try await fixture.customers().find(session.customer, slot: .department(fixture.sales), rid: nil)
        for key in keys { #expect(try await #require(fixture.redis("TTL", key).integer) > 2_000_000) }
        #expect(try await fixture.redis("HGET", keys[1], "touched").text == "1700000000000")
    }

    @Test("rooms that ran out do not count as open")
    func expiredRooms() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        try await fixture.open("r2", department: fixture.support, agent: "a")
        _ = try await fixture.redis("DEL", "cg:{\(fixture.tenant)}:room:r1")
        let found = try await fixture.customers().find(session.customer, slot: nil, rid: nil)
        #expect(found?.openRooms == ["r2"])
        #expect(
            try await fixture.redis("HEXISTS", "cg:{\(fixture.tenant)}:customer:\(session.customer.hash)", "open:r1")
                .integer == 0)
    }

    @Test("a token finds its owner until it is retired, and then only for closing")
    func tokens() async throws {
        let fixture = try await RedisFixture()
        let record = try fixture.record(token: "secret-token")
        try await fixture.customers().save(record)
        let digest = ChatTokenDigest("secret-token").text
        #expect(
            try await fixture.customers(1).owner(ofToken: digest)
                == TokenOwner(customer: record.key.stored, isLive: true))
        #expect(try await fixture.customers().owner(ofToken: ChatTokenDigest("other").text) == nil)
        try await fixture.customers().retireToken(digest, of: record.key.stored)
        #expect(
            try await fixture.customers(1).owner(ofToken: digest)
                == TokenOwner(customer: record.key.stored, isLive: false))
        #expect(try await #require(fixture.redis("TTL", "cg:chat:\(digest)").integer) <= 86_400)
    }

    @Test("a lock has one holder, and only the holder gives it back")
    func locks() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fence = try #require(try await fixture.customers().lock(bob))
        #expect(try await fixture.customers(1).lock(bob) == nil)
        #expect(try await fixture.customers(1).lock(fixture.key("eve").stored) != nil)
        try await fixture.customers(1).unlock(bob, fence: "other")
        #expect(try await fixture.customers(1).lock(bob) == nil)
        try await fixture.customers().unlock(bob, fence: fence)
        let second = try #require(try await fixture.customers(1).lock(bob))
        #expect(second != fence)
        // The first one comes back late: the lock is not its own any more.
        try await fixture.customers().unlock(bob, fence: fence)
        #expect(try await fixture.customers().lock(bob) == nil)
        let left = try await #require(fixture.redis("PTTL", "cg:{\(fixture.tenant)}:lock:\(bob.hash)").integer)
        #expect((1...4_000).contains(left))
    }

    @Test("of many gateways one gets the lock")
    func contended() async throws {
        let fixture = try await RedisFixture()
        let bob = try fixture.key().stored
        let fences = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<40 { group.addTask { try await fixture.customers(number % 2).lock(bob) } }
            return try await group.reduce(into: []) { if let fence = $1 { $0.append(fence) } }
        }
        #expect(fences.count == 1)
    }
}
