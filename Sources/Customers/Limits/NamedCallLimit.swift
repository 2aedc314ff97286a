/// How many calls a customer may name with an `Idempotency-Key`: each is remembered for a day, and chat tokens are
/// easily had. Many behind one address are counted together, ten times as many. The tenant's own server is not counted,
/// and somebody without a token is by the limits of `client_connect`.
public struct NamedCallLimit: Sendable {
    private let limiter: any RateLimiter

    /// Calls a minute of one customer: a person makes a few.
    static let perCustomer = RateLimit(count: 30, seconds: 60)
    static let perAddress = RateLimit(count: 300, seconds: 60)

    /// Counts with this limiter.
    public init(limiter: any RateLimiter) { self.limiter = limiter }

    /// Counts a call.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``, `StoreError`.
    public func admit(_ customer: CustomerHash, from address: String) async throws {
        try await limiter.admit("named:{\(customer.tenant)}:\(customer.hash)", Self.perCustomer)
        try await limiter.admit("named:\(ClientAddress.bucket(address))", Self.perAddress)
    }
}
