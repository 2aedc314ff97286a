public import Customers
public import RedisClient

/// Token buckets in Redis, counted over all gateways: `cg:rate:<scope>:<id>`.
public struct RedisRateLimiter: RateLimiter {
    private let redis: Redis
    private static let take = RedisScript("take_token", PackageResources.take_token_lua)

    /// Makes the limiter.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `RateLimiter.take(_:limit:)`.
    public func take(_ bucket: String, limit: RateLimit) async throws -> Int? {
        try await take([RateBucket(bucket, limit)])
    }

    /// See `RateLimiter.take(_:)`.
    public func take(_ buckets: [RateBucket]) async throws -> Int? {
        let reply = try await redis.run(
            Self.take, buckets.map { Keys.rate($0.name) },
            buckets.flatMap { [.int($0.limit.count), .int($0.limit.seconds)] })
        guard let seconds = reply.integer else { throw StoreError.unreadable("a rate limit") }
        return seconds == 0 ? nil : Int(seconds)
    }
}
