public import Customers
public import RedisClient

/// The deny-list of access tokens: a key `cg:revoked:<jti>` counts by existing, whoever wrote it.
public struct RedisRevocationStore: RevocationStore {
    private let redis: Redis

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// Asks each time; ``follow(heard:isUp:)`` is for those who remember.
    public func isRevoked(_ jti: String) async throws -> Bool {
        let reply = try await redis.send(["EXISTS", .string(Keys.revoked(jti))])
        guard let count = reply.integer else { throw StoreError.unreadable("a revocation") }
        return count > 0
    }

    /// What is heard of revocations: the `jti` of each as it happens, and when the ear is open or shut.
    ///
    /// Runs until its task is cancelled.
    public func follow(
        heard: @Sendable (String) -> Void, isUp: @Sendable (Bool) -> Void
    ) async {
        let subscription = redis.client.subscribe(channel: Keys.revocations)
        for await event in subscription.events {
            switch event {
            case .up: isUp(true)
            case .down: isUp(false)
            case .message(let bytes): heard(String(decoding: bytes, as: UTF8.self))
            }
        }
        isUp(false)
        subscription.cancel()
    }

    /// Writes the key, then tells all gateways.
    public func revoke(_ jti: String, seconds: Int) async throws {
        _ = try await redis.send(["SET", .string(Keys.revoked(jti)), "1", "EX", .int(max(1, seconds))])
        _ = try await redis.send(["PUBLISH", .string(Keys.revocations), .string(jti)])
    }
}
