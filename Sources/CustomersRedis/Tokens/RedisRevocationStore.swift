public import Customers
public import RedisClient

/// The deny-list of access tokens: a key `cg:revoked:<jti>` counts by existing, whoever wrote it.
public struct RedisRevocationStore: RevocationStore {
    private let redis: Redis

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// Asks each time; ``RedisNews`` is for those who remember.
    public func isRevoked(_ jti: String) async throws -> Bool {
        let reply = try await redis.send(["EXISTS", .string(Keys.revoked(jti))])
        guard let count = reply.integer else { throw StoreError.unreadable("a revocation") }
        return count > 0
    }

    /// Writes the key, then tells all gateways.
    public func revoke(_ jti: String, seconds: Int) async throws {
        _ = try await redis.send(["SET", .string(Keys.revoked(jti)), "1", "EX", .int(max(1, seconds))])
        _ = try await redis.send(["PUBLISH", .string(Keys.news), .string(jti)])
    }
}
