import Logging

/// Lets one call at a time open or close rooms for a customer, over all gateways.
struct SingleFlight {
    let services: Services

    /// How long a call waits for another one that is at work.
    private static let patience: Int64 = 15_000

    /// Runs `work` under the customer's lock.
    ///
    /// `ready` is looked at while another call is at work and once the lock is ours: what that call left may be all that
    /// this one wants. It throws ``CustomersError/busy`` when the other call takes too long, else what `work` and `ready` throw.
    func run<Value: Sendable>(
        for customer: CustomerHash, ready: () async throws -> Value?, work: () async throws -> Value
    ) async throws -> Value {
        let deadline = services.now() + Self.patience
        while true {
            if let fence = try await services.customers.lock(customer) {
                return try await holding(fence, of: customer) {
                    if let value = try await ready() { return value }
                    return try await work()
                }
            }
            guard services.now() < deadline else { throw CustomersError.busy }
            try await services.sleep(.milliseconds(Int.random(in: 10...30)))
            if let value = try await ready() { return value }
        }
    }

    /// Runs `work` under the customer's lock, or returns nil at once while another call has it.
    func runIfFree<Value: Sendable>(
        for customer: CustomerHash, work: () async throws -> Value
    ) async throws -> Value? {
        guard let fence = try await services.customers.lock(customer) else { return nil }
        return try await holding(fence, of: customer, work)
    }

    private func holding<Value: Sendable>(
        _ fence: String, of customer: CustomerHash, _ work: () async throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        // A lock that cannot be given back runs out by itself.
        await services.attempt("unlock a customer") {
            try await services.customers.unlock(customer, fence: fence)
        }
        return try result.get()
    }
}

extension Services {
    /// Does what should be done but must not fail the operation; a failure is logged.
    func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("could not \(what)", metadata: ["error": "\(error)"])
        }
    }
}
