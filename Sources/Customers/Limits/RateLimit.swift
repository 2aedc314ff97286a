/// So many calls in so long; a bucket starts full (burst = count).
public struct RateLimit: Sendable, Hashable {
    /// Calls a period; also the burst.
    public var count: Int
    /// The period in seconds.
    public var seconds: Int

    /// Makes a limit.
    public init(count: Int, seconds: Int) {
        self.count = count
        self.seconds = seconds
    }
}

/// A bucket of calls by its name, with its size.
public struct RateBucket: Sendable, Hashable {
    /// What is counted: `ip:192.0.2.1`; a tenant's buckets have `{tenant id}` in their names.
    public var name: String
    /// How many calls in how long.
    public var limit: RateLimit

    /// Names a bucket.
    public init(_ name: String, _ limit: RateLimit) {
        self.name = name
        self.limit = limit
    }
}

/// Counts calls over all gateways. Throws ``StoreError`` when the store is away.
public protocol RateLimiter: Sendable {
    /// Takes one call from a bucket.
    ///
    /// - Returns: nil when there was one, else the seconds until there is one again, at least 1.
    func take(_ bucket: String, limit: RateLimit) async throws -> Int?

    /// Takes one call from each of several buckets of one tenant, or from none.
    ///
    /// - Returns: nil when each had one, else the seconds until the first that had none has one again.
    func take(_ buckets: [RateBucket]) async throws -> Int?
}

extension RateLimiter {
    /// Counts a call against a limit; without one nothing is counted.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``, ``StoreError``.
    func admit(_ bucket: String, _ limit: RateLimit?) async throws {
        guard let limit, let seconds = try await take(bucket, limit: limit) else { return }
        throw CustomersError.tooManyRequests(retryAfter: seconds)
    }
}
