import Customers
@testable import CustomersRedis
import RedisClient
import Testing
import TestSupport

@Suite("Limits and revocations in Redis")
struct RedisSmallStoresTests {
    @Test("a bucket starts full, is shared, and says how long to wait")
    func limit() async throws {
        let fixture = try await RedisFixture()
        let limiters = fixture.clients.map { RedisRateLimiter($0) }
        let limit = RateLimit(count: 5, seconds: 3_600)
        let answers = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<20 { group.addTask { try await limiters[number % 2].take("ip:192.0.2.1", limit: limit) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == nil } == 5)
        #expect(answers.compactMap(\.self).allSatisfy { (700...720).contains($0) })
        #expect(try await limiters[0].take("ip:192.0.2.2", limit: limit) == nil)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("of several buckets each gives one, or none does")
    func severalBuckets() async throws {
        let fixture = try await RedisFixture()
        let limiter = RedisRateLimiter(fixture.clients[0])
        let small = RateBucket("customer:{t}:a", RateLimit(count: 2, seconds: 3_600))
        let large = RateBucket("tenant:{t}", RateLimit(count: 5, seconds: 3_600))
        for _ in 0..<2 { #expect(try await limiter.take([small, large]) == nil) }
        for _ in 0..<9 { #expect(try await limiter.take([large, small]) ?? 0 > 60) }
        for _ in 0..<3 { #expect(try await limiter.take([large]) == nil) }
        #expect(try await limiter.take([large]) != nil)
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("a bucket fills up again, one call at a time, and never beyond its size")
    func refill() async throws {
        let fixture = try await RedisFixture()
        let limiter = RedisRateLimiter(fixture.clients[0])
        let limit = RateLimit(count: 2, seconds: 20)
        for _ in 0..<2 { #expect(try await limiter.take("x", limit: limit) == nil) }
        #expect((1...10).contains(try #require(try await limiter.take("x", limit: limit))))
        // The bucket's time is moved back instead of waiting.
        let words = try await #require(fixture.redis("GET", "cg:rate:x").text).split(separator: " ")
        let past = try #require(Double(words[1])) - 11
        _ = try await fixture.redis("SET", "cg:rate:x", "\(words[0]) \(past)", "EX", "99")
        #expect(try await limiter.take("x", limit: limit) == nil)
        #expect(try await limiter.take("x", limit: limit) != nil)
        _ = try await fixture.redis("SET", "cg:rate:x", "0 1", "EX", "99")
        for _ in 0..<2 { #expect(try await limiter.take("x", limit: limit) == nil) }
        #expect(try await limiter.take("x", limit: limit) != nil)
    }

    @Test("a revocation counts by existing, whoever wrote it, and runs out")
    func revocation() async throws {
        let fixture = try await RedisFixture()
        let stores = fixture.clients.map { RedisRevocationStore($0) }
        #expect(try await !stores[0].isRevoked("a"))
        try await stores[0].revoke("a", seconds: 60)
        #expect(try await stores[1].isRevoked("a"))
        #expect((1...60).contains(try await #require(fixture.redis("TTL", "cg:revoked:a").integer)))
        _ = try await fixture.redis("SET", "cg:revoked:b", "")
        #expect(try await stores[0].isRevoked("b"))
        try await stores[0].revoke("c", seconds: 0)
    }
}
