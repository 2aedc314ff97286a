/// A call that its caller named with an `Idempotency-Key`, as the store sees it: it tells neither the key nor what was
/// sent.
public struct IdempotentCall: Sendable, Hashable {
    /// The tenant that is concerned.
    public var tenant: TenantID
    /// Stands for caller, route and key.
    public var id: String
    /// Stands for what is asked for: the same fields, the same text.
    public var fingerprint: String

    /// Names a call.
    public init(tenant: TenantID, id: String, fingerprint: String) {
        self.tenant = tenant
        self.id = id
        self.fingerprint = fingerprint
    }
}

/// The right to run a call that was named.
public struct IdempotencyLease: Sendable, Hashable {
    /// What the store wants back, so that nobody ends another one's run.
    public var fence: String
    /// Random, and the same for every run of this call: what must come out alike is made from it.
    public var seed: String

    /// Makes a lease.
    public init(fence: String, seed: String) {
        self.fence = fence
        self.seed = seed
    }
}

/// What became of a call that was named.
public enum IdempotencyState: Sendable, Hashable {
    /// Nothing yet, or a run that was cut short: it is to be run now.
    case run(IdempotencyLease)
    /// Another run is under way.
    case running
    /// It was answered with these bytes.
    case answered([UInt8])
    /// Something else was asked for under the same name.
    case differs
}
