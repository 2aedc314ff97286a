import Customers
import RedisClient
import TestSupport
import Testing

@testable import CustomersRedis

@Suite("News of the fleet in Redis")
struct RedisNewsTests {
    /// Follows the news of a fixture's second gateway, from now on.
    private struct Ear: ~Copyable {
        let heard: WaitableState<[RedisNews.Item]>
        private let task: Task<Void, Never>

        init(_ fixture: RedisFixture) async throws {
            let heard = WaitableState<[RedisNews.Item]>([])
            self.heard = heard
            let news = RedisNews(fixture.clients[1])
            task = Task { await news.follow { item in heard.change { $0.append(item) } } }
            _ = try await heard.wait(for: "the news are heard") { $0 == [.up] ? true : nil }
        }

        deinit { task.cancel() }

        /// How often rooms were told of until this revocation.
        func rooms(until jti: String, _ fixture: RedisFixture) async throws -> Int {
            try await RedisRevocationStore(fixture.clients[0]).revoke(jti, seconds: 60)
            return try await heard.wait(for: "the revocation of \(jti)") { items in
                items.contains(.revoked(jti)) ? items.count { $0 == .rooms } : nil
            }
        }
    }

    @Test("a tenant's first room with an agent is told of, and the first room in a queue; the others are not")
    func first() async throws {
        let fixture = try await RedisFixture()
        let ear = try await Ear(fixture)
        try await fixture.open("r1", "a", agent: "anna")
        #expect(try await ear.rooms(until: "1", fixture) == 1)
        try await fixture.open("r2", "b", agent: "anna")
        try await fixture.open("r3", "c", agent: "bill")
        #expect(try await ear.rooms(until: "2", fixture) == 1)
        try await fixture.open("r4", "d")
        #expect(try await ear.rooms(until: "3", fixture) == 2)
        try await fixture.open("r5", "e")
        #expect(try await ear.rooms(until: "4", fixture) == 2)
        try await fixture.open("r6", "f", department: fixture.support)
        #expect(try await ear.rooms(until: "5", fixture) == 3)
    }

    @Test("a room that comes into an empty queue is told of whatever brought it there")
    func ways() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", "a", agent: "anna")
        let ear = try await Ear(fixture)
        _ = try await fixture.rooms().returnToQueue(session, keepingAgent: true)
        #expect(try await ear.rooms(until: "1", fixture) == 1)
        var elsewhere = session
        elsewhere.department = fixture.support
        _ = try await fixture.rooms().enqueue(elsewhere)
        #expect(try await ear.rooms(until: "2", fixture) == 2)
        // As when Redis has lost it.
        _ = try await fixture.redis("DEL", "cg:{\(fixture.tenant)}:queue:\(fixture.support.text)")
        #expect(
            try await RedisReconcileStore(fixture.clients[0]).settle("r1", tenant: fixture.tenant).repairs == [
                .waitingRoom
            ])
        #expect(try await ear.rooms(until: "3", fixture) == 3)
    }

    @Test("whom the ACL does not let publish has rooms and queues all the same")
    func mayNotPublish() async throws {
        let fixture = try await RedisFixture()
        _ = try await fixture.redis("ACL", "SETUSER", "default", "-publish")
        try await fixture.open("r1", "a", agent: "anna")
        try await fixture.open("r2", "b")
        #expect(try await fixture.rooms().find("r2", tenant: fixture.tenant)?.place == 1)
        #expect(try await fixture.load("anna") == ["r1"])
    }

    @Test("an interruption is told of, and a token by the name of other news can be revoked")
    func interruption() async throws {
        let fixture = try await RedisFixture()
        let ear = try await Ear(fixture)
        #expect(try await ear.rooms(until: "rooms", fixture) >= 0)
        try await fixture.server.command("CLIENT", "KILL", "TYPE", "pubsub")
        _ = try await ear.heard.wait(for: "it is heard again") { $0.suffix(2) == [.down, .up] ? true : nil }
    }
}
