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

/// Counts calls over all gateways. Throws ``StoreError`` when the store is away.
public protocol RateLimiter: Sendable {
    /// Takes one call from a bucket.
    ///
    /// - Returns: nil when there was one, else the seconds until there is one again, at least 1.
    func take(_ bucket: String, limit: RateLimit) async throws -> Int?
}
