/// The limits of `client_connect`, which anybody may call: by address and by tenant (DESIGN.md section 6).
struct CallLimits {
    let services: Services

    /// Counts the call. Resumes count too.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``.
    func admit(_ request: StartSession.Request) async throws {
        try await take("ip:\(ClientAddress.bucket(request.address))", services.limitPerAddress)
        // Only then: calls that are refused to one address must not use up what the tenant's other customers need.
        try await take("tenant:\(request.tenant.id)", services.limitPerTenant)
    }

    private func take(_ bucket: String, _ limit: RateLimit?) async throws {
        guard let limit, let seconds = try await services.limiter.take(bucket, limit: limit) else { return }
        throw CustomersError.tooManyRequests(retryAfter: seconds)
    }
}
