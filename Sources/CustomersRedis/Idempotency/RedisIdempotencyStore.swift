public import Customers
public import RedisClient

/// Calls with an `Idempotency-Key` in Redis: `cg:{T}:call:<id>`, a hash.
public struct RedisIdempotencyStore: IdempotencyStore {
    private let redis: Redis
    private static let begin = RedisScript("begin_call", PackageResources.begin_call_lua)
    private static let end = RedisScript("end_call", PackageResources.end_call_lua)

    /// Makes the store.
    public init(_ client: RedisClient) { redis = Redis(client: client) }

    /// See `IdempotencyStore.begin(_:)`.
    public func begin(_ call: IdempotentCall) async throws -> IdempotencyState {
        let fence = String(UInt64.random(in: .min ... .max), radix: 36)
        let seed = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined(separator: ".")
        let reply = try await redis.run(
            Self.begin, [Keys(call.tenant).call(call.id)],
            [
                .string(call.fingerprint), .string(fence), .string(seed), .int(TimeToLive.run), .int(TimeToLive.call),
            ])
        let parts = reply.array ?? []
        switch (parts.first?.text, parts.count) {
        case ("run", 2):
            guard let seed = parts[1].text else { break }
            return .run(IdempotencyLease(fence: fence, seed: seed))
        case ("running", 1): return .running
        case ("differs", 1): return .differs
        case ("answered", 2):
            guard let answer = parts[1].bytes else { break }
            return .answered(answer)
        default: break
        }
        throw StoreError.unreadable("a call")
    }

    /// See `IdempotencyStore.finish(_:_:answer:seconds:)`.
    public func finish(
        _ call: IdempotentCall, _ lease: IdempotencyLease, answer: [UInt8], seconds: Int
    ) async throws {
        try await end(call, lease, "finish", [.bytes(answer), .int(max(1, seconds))])
    }

    /// See `IdempotencyStore.release(_:_:)`.
    public func release(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws {
        try await end(call, lease, "release")
    }

    /// See `IdempotencyStore.forget(_:_:)`.
    public func forget(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws {
        try await end(call, lease, "forget")
    }

    private func end(
        _ call: IdempotentCall, _ lease: IdempotencyLease, _ what: String, _ more: [RedisArgument] = []
    ) async throws {
        _ = try await redis.run(
            Self.end, [Keys(call.tenant).call(call.id)], [.string(lease.fence), .string(what)] + more)
    }
}
