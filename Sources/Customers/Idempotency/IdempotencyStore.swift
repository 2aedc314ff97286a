/// Remembers calls with an `Idempotency-Key` for 24 h, for all gateways (draft-ietf-httpapi-idempotency-key-header-07).
/// Every method throws ``StoreError`` when the store is away.
public protocol IdempotencyStore: Sendable {
    /// Says what became of the call. If nothing did, it is the caller's to run for 35 s, longer than any operation
    /// takes; the run of a gateway that died does not stand in the way for longer.
    func begin(_ call: IdempotentCall) async throws -> IdempotencyState

    /// Keeps the answer for so many seconds.
    func finish(_ call: IdempotentCall, _ lease: IdempotencyLease, answer: [UInt8], seconds: Int) async throws

    /// The call failed half-way: the same call again runs at once, with the same seed.
    func release(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws

    /// The call was refused before it did anything: forgets it.
    func forget(_ call: IdempotentCall, _ lease: IdempotencyLease) async throws
}
