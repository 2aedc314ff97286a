/// What the gate says of the bytes that lie in a socket.
public enum GateVerdict: Sendable, Equatable {
    /// Good so far. With fewer than `atLeast` bytes in all, another look finds nothing new.
    case incomplete(atLeast: Int)
    /// Exactly one whole, valid request and nothing else.
    case complete(RequestShape)
    /// Valid up to the end of the parameters, but they announce a body over the limit: to be answered 413.
    case tooLarge(OversizedRequest)
    /// To be closed without an answer.
    case refused(GateRefusal)
}
