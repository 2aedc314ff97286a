public import Customers
internal import Synchronization

extension MemoryStores {
    /// A call that was named.
    struct NamedCall {
        var fingerprint: String
        var seed: String
        var fence: String?
        var answer: [UInt8]?
    }

    /// The gateways that run calls now die: their leases have run out.
    public func endRuns() {
        state.withLock { state in
            for key in state.namedCalls.keys { state.namedCalls[key]?.fence = nil }
        }
    }

    /// What is kept of answers.
    public var keptAnswers: [[UInt8]] { state.withLock { $0.namedCalls.values.compactMap(\.answer) } }
}

extension MemoryStores: IdempotencyStore {
    /// See `IdempotencyStore.begin(_:)`.
    public func begin(_ call: IdempotentCall) async throws -> IdempotencyState {
        try await run("beginCall") { state in
            let key = Key(tenant: call.tenant, text: call.id)
            if let known = state.namedCalls[key] {
                guard known.fingerprint == call.fingerprint else { return .differs }
                if let answer = known.answer { return .answered(answer) }
                if known.fence != nil { return .running }
            }
            state.arrivals += 1
            let lease = IdempotencyLease(
                fence: "run-\(state.arrivals)", seed: state.namedCalls[key]?.seed ?? "seed-\(state.arrivals)")
            state.namedCalls[key] = NamedCall(fingerprint: call.fingerprint, seed: lease.seed, fence: lease.fence)
            return .run(lease)
        }
    }

    /// See `IdempotencyStore.finish(_:_:answer:seconds:)`.
    public func finish(
        _ call: IdempotentCall, _ lease: IdempotencyLease, answer: [UInt8], seconds: Int
    ) async throws {
        try await end("finishCall", call, lease) { $0?.answer = answer }
    }

    /// See `IdempotencyStore.release(_:_:)`.
    public func release(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws {
        try await end("releaseCall", call, lease) { _ in }
    }

    /// See `IdempotencyStore.forget(_:_:)`.
    public func forget(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws {
        try await end("forgetCall", call, lease) { $0 = nil }
    }

    private func end(
        _ method: String, _ call: IdempotentCall, _ lease: IdempotencyLease,
        _ change: @Sendable (inout NamedCall?) -> Void
    ) async throws {
        try await run(method) { state in
            let key = Key(tenant: call.tenant, text: call.id)
            guard state.namedCalls[key]?.fence == lease.fence else { return }
            state.namedCalls[key]?.fence = nil
            change(&state.namedCalls[key])
        }
    }
}
