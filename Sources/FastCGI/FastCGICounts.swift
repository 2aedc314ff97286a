/// What a ``FastCGIServer`` has done and is doing, for a status page.
public struct FastCGICounts: Sendable, Equatable {
    /// Connections accepted since the start.
    public var accepted = 0
    /// Connections open now.
    public var connections = 0
    /// Handlers running now.
    public var inFlight = 0
    /// Requests that passed the gate since the start.
    public var requests = 0
    /// Connections taken and closed at once because descriptors had run out.
    public var shed = 0
    /// Answers of handlers that could not be sent as they were (500 instead).
    public var badResponses = 0
    /// Requests answered 503 because too many were in flight.
    public var overloaded = 0
    /// Refusals by reason: those of the gate (``FastCGIProtocol/GateRefusal``), and `request_deadline`, `closed_early`,
    /// `codec`, `answer_deadline`, `pipelined`, `peer`, `too_large`.
    public var refused: [String: Int] = [:]

    /// No counts.
    public init() {}

    mutating func add(_ other: FastCGICounts) {
        accepted &+= other.accepted
        connections &+= other.connections
        inFlight &+= other.inFlight
        requests &+= other.requests
        shed &+= other.shed
        badResponses &+= other.badResponses
        overloaded &+= other.overloaded
        refused.merge(other.refused) { $0 &+ $1 }
    }
}
