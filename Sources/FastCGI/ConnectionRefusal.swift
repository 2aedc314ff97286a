/// Why a connection was closed without an answer, other than by the gate. The raw value is the `reason` label of the
/// metric.
enum ConnectionRefusal: String, Sendable, CaseIterable {
    /// A request did not arrive whole in time.
    case requestDeadline = "request_deadline"
    /// The peer stopped sending in the middle of a request.
    case closedEarly = "closed_early"
    /// libfcgi disagreed with the gate, which must never happen.
    case codec
    /// The peer did not take its answer in time.
    case answerDeadline = "answer_deadline"
    /// Bytes came while a request was in flight.
    case pipelined
    /// The peer is not on the allow-list.
    case peer
}
