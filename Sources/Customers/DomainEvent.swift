/// What is worth counting. The domain knows no metrics; whoever assembles it decides what becomes of these.
public enum DomainEvent: Sendable, Hashable {
    /// A room was to go to another agent or into a queue.
    case transfer(TransferReason, isDone: Bool)
    /// Something was put right, so many times.
    case repair(Repair, count: Int)
}
