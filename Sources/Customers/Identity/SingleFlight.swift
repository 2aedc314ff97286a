import Logging

/// Lets one call at a time open or close rooms for a customer, over all gateways.
struct SingleFlight {
    let services: Services

    /// How long a call waits for another one that is at work.
    private static let patience: Int64 = 15_000

    /// Runs `work` under the customer's lock.
    ///
    /// `ready` is looked at while another call is at work and once the lock is ours: what that call left may be all
    /// that this one wants. It throws ``CustomersError/busy`` when the other call takes too long, else what `work` and
    /// `ready` throw.
    func run<Value: Sendable>(
        for customer: CustomerHash, opening: Opening? = nil, ready: () async throws -> Value?,
        work: (inout Opening?) async throws -> Value
    ) async throws -> Value {
        let deadline = services.now() + Self.patience
        while true {
            if let lock = try await take(customer, opening) {
                return try await holding(lock, of: customer, opening) { opening in
                    if let value = try await ready() { return value }
                    return try await work(&opening)
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
        guard let lock = try await take(customer) else { return nil }
        return try await holding(lock, of: customer) { _ in try await work() }
    }

    private func take(_ customer: CustomerHash, _ opening: Opening? = nil) async throws -> CustomerLock? {
        let asked = services.uptime()
        return try await services.customers.lock(customer, opening: opening).map {
            CustomerLock(fence: $0, since: asked, uptime: services.uptime)
        }
    }

    private func holding<Value: Sendable>(
        _ lock: CustomerLock, of customer: CustomerHash, _ opening: Opening? = nil,
        _ work: (inout Opening?) async throws -> Value
    ) async throws -> Value {
        var opening = opening
        opening?.lock = lock
        let result = await outcome(of: { try await work(&opening) }, keeping: lock, of: customer)
        let isSettled = if case .success = result { true } else { opening?.mayHaveLeft != true }
        // A lock that cannot be given back runs out by itself.
        await services.attempt("unlock a customer") {
            try await services.customers.unlock(customer, fence: lock.fence, isSettled: isSettled)
        }
        return try result.get()
    }

    /// Does the work, and ends with the keeping of the lock: what is given back must not be taken again.
    private func outcome<Value: Sendable>(
        of work: () async throws -> Value, keeping lock: CustomerLock, of customer: CustomerHash
    ) async -> Result<Value, any Error> {
        async let _: Void = keepUp(lock, of: customer)
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }

    /// A lock runs out soon after its gateway died. While the work takes longer than that, it is kept up.
    private func keepUp(_ lock: CustomerLock, of customer: CustomerHash) async {
        await services.everySecond("keep a customer's lock") {
            let asked = services.uptime()
            guard try await services.customers.keepLock(customer, fence: lock.fence) else {
                services.logger.warning("a customer's lock has passed to another call")
                throw CancellationError()
            }
            lock.keptUp(since: asked)
        }
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

    /// Does something every second until its task is cancelled or it throws `CancellationError`; other failures are
    /// logged.
    func everySecond(_ what: String, _ body: () async throws -> Void) async {
        while true {
            do { try await pause(.seconds(1)) } catch { return }
            do {
                try await body()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("could not \(what)", metadata: ["error": "\(error)"])
            }
        }
    }
}
