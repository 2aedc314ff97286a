import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Calls with an Idempotency-Key in Redis")
struct RedisIdempotencyStoreTests {
    private func lease(_ state: IdempotencyState) throws -> IdempotencyLease {
        guard case .run(let lease) = state else { throw RedisFixture.Missing() }
        return lease
    }

    @Test("of many gateways one runs the call; its answer is everybody's, for the time it was kept for")
    func once() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisIdempotencyStore($0) }
        let call = IdempotentCall(tenant: fixture.tenant, id: "c1", fingerprint: "f1")
        let states = try await withThrowingTaskGroup(of: IdempotencyState.self) { group in
            for number in 0..<20 { group.addTask { try await stores[number % 2].begin(call) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let leases = states.compactMap { try? lease($0) }
        #expect(leases.count == 1)
        #expect(states.count { $0 == .running } == 19)
        let answer: [UInt8] = [0, 255, 10, 13, 32]
        try await stores[1].finish(call, #require(leases.first), answer: answer, seconds: 600)
        #expect(try await stores[0].begin(call) == .answered(answer))
        #expect((1...600).contains(try #require(await fixture.redis("TTL", "cg:{\(fixture.tenant)}:call:c1").integer)))
        var other = call
        other.fingerprint = "f2"
        #expect(try await stores[0].begin(other) == .differs)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("a run that was cut short blocks the call for seconds only, and leaves its seed")
    func lapse() async throws {
        let fixture = try await RedisFixture()
        let store = RedisIdempotencyStore(fixture.clients[0])
        let call = IdempotentCall(tenant: fixture.tenant, id: "c1", fingerprint: "f1")
        let key = "cg:{\(fixture.tenant)}:call:c1"
        let first = try lease(await store.begin(call))
        let time = try #require(try await fixture.redis("TIME").array?.first?.text.flatMap { Int64($0) })
        let until = try #require(try await fixture.redis("HGET", key, "until").integer)
        #expect((30_000...36_000).contains(until - time * 1_000))
        _ = try await fixture.redis("HSET", key, "until", "1")
        let second = try lease(await store.begin(call))
        #expect(second.seed == first.seed && second.fence != first.fence)
        // The first one wakes up: it is too late.
        try await store.finish(call, first, answer: [1], seconds: 60)
        try await store.forget(call, first)
        #expect(try await store.begin(call) == .running)
        try await store.release(call, second)
        let third = try lease(await store.begin(call))
        #expect(third.seed == first.seed)
        try await store.forget(call, third)
        #expect(try await fixture.keys() == [])
    }
}
