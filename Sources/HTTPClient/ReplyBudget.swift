internal import Synchronization

/// What long replies may take up together while they arrive, or are kept until the rest has come: whoever asks for many
/// long pages at once must not use up the memory of everybody (hazards, unsafe consumption).
///
/// A reply's first 32 KiB are free, so that ordinary ones never fail for it, however many there are.
public final class ReplyBudget: Sendable {
    /// Bytes of a reply that are not counted.
    public static let free = 32 * 1_024

    private let limit: Int
    private let used = Mutex(0)

    /// `limit` is in bytes.
    public init(limit: Int) { self.limit = limit }

    /// Takes bytes for a reply; false when there are not so many left.
    public func take(_ count: Int) -> Bool {
        used.withLock { used in
            guard count <= limit - used else { return false }
            used += count
            return true
        }
    }

    /// Gives back what a reply took.
    public func giveBack(_ count: Int) {
        guard count > 0 else { return }
        used.withLock { $0 -= count }
    }
}
