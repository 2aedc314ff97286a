/// What was left when a ``FastCGIServer`` had drained.
public struct DrainOutcome: Sendable, Equatable {
    /// Requests in flight that the deadline cut.
    public var cut = 0
    /// Kept connections that were given away instead of closed, with whatever lies unread in them; the caller's to
    /// close.
    public var released: [Int32] = []

    /// Nothing cut, nothing released.
    public init() {}
}
