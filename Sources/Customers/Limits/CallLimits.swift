import ChatBackend

/// The limits of `client_connect`, which anybody may call (DESIGN.md section 6).
///
/// Who proves to be somebody is counted on their own bucket, not on their address: of many behind one address an abuser
/// uses up what those have who prove nothing, and nobody else's. A chat token is easily had, so the calls with one are
/// counted by address as well, ten times as many; a signed name is not. A tenant has two buckets of one size: what
/// strangers use up, from however many addresses, is not taken from those who prove who they are.
struct CallLimits {
    let services: Services

    /// Who is counted.
    enum Caller: Equatable {
        case nobody
        /// Proved by a chat token.
        case holder(CustomerHash)
        /// Proved by the tenant's signature.
        case signed(CustomerHash)
    }

    /// So many callers with a token one address has room for.
    private static let holdersPerAddress = 10

    /// Counts a call that has a token, good or not: so many are looked up for one address. Resumes count too.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``.
    func admitHolder(from address: String) async throws {
        guard let limit = services.limitPerAddress else { return }
        let many = limit.count.multipliedReportingOverflow(by: Self.holdersPerAddress)
        try await services.limiter.admit(
            "ip:\(ClientAddress.bucket(address)):holders",
            RateLimit(count: many.overflow ? .max : many.partialValue, seconds: limit.seconds))
    }

    /// Counts the call. Resumes count too.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``.
    func admit(_ caller: Caller, of tenant: TenantID, from address: String) async throws {
        switch caller {
        case .nobody:
            try await services.limiter.admit("ip:\(ClientAddress.bucket(address))", services.limitPerAddress)
            // Only then: calls that are refused to one address must not use up what the tenant's other customers need.
            try await services.limiter.admit(Self.bucket(of: tenant), services.limitPerTenant)
        case .holder(let customer), .signed(let customer):
            var buckets: [RateBucket] = []
            if let limit = services.limitPerCustomer { buckets.append(RateBucket(Self.bucket(of: customer), limit)) }
            if let limit = services.limitPerTenant {
                buckets.append(RateBucket("\(Self.bucket(of: tenant)):known", limit))
            }
            guard !buckets.isEmpty, let seconds = try await services.limiter.take(buckets) else { return }
            throw CustomersError.tooManyRequests(retryAfter: seconds)
        }
    }

    /// Counts the call that made a customer of somebody, beside their address: it is the first of the customer's calls.
    func note(_ customer: CustomerHash) async {
        guard let limit = services.limitPerCustomer else { return }
        await services.attempt("count a customer's first call") {
            _ = try await services.limiter.take(Self.bucket(of: customer), limit: limit)
        }
    }

    /// Counts a transfer of a room.
    ///
    /// - Throws: ``CustomersError/tooManyRequests(retryAfter:)``.
    func admitTransfer(of session: RoomSession) async throws {
        // A direct room that is transferred goes on under another id; a customer has one.
        let room = session.kind == .group ? session.rid : session.customer.hash
        try await services.limiter.admit("transfer:{\(session.customer.tenant)}:\(room)", services.limitPerTransfer)
    }

    private static func bucket(of tenant: TenantID) -> String { "tenant:{\(tenant)}" }

    private static func bucket(of customer: CustomerHash) -> String { "customer:{\(customer.tenant)}:\(customer.hash)" }
}
