internal import Synchronization

/// A customer's lock in the hands of a call, with what the call knows of it.
///
/// The lock runs out by itself soon after its holder was heard of last, and then belongs to whoever comes next. A
/// gateway that stood still for that long goes on as if nothing had happened; so it asks here, by its own clock,
/// before it does what cannot be undone.
public final class CustomerLock: Sendable {
    /// How long a lock lasts from the moment at which it was taken or kept up.
    public static let lifetime = Duration.seconds(4)

    /// Tells this holder from all others.
    let fence: String
    /// Nil once it has run out.
    private let end: Mutex<ContinuousClock.Instant?>
    private let uptime: @Sendable () -> ContinuousClock.Instant

    /// A lock that was taken; `asked` is a moment before the store was asked for it, by the same clock.
    init(
        fence: String, since asked: ContinuousClock.Instant, uptime: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.fence = fence
        self.uptime = uptime
        end = Mutex(asked + Self.lifetime)
    }

    /// Whether nobody else can have it yet.
    func isHeld() -> Bool {
        let now = uptime()
        return end.withLock { end in
            if let last = end, now >= last { end = nil }
            return end != nil
        }
    }

    /// The store has kept it up; `asked` is a moment before it was asked to. A lock that may have run out before that
    /// stays lost: what it protected may be gone.
    func keptUp(since asked: ContinuousClock.Instant) {
        guard isHeld() else { return }
        end.withLock { $0 = asked + Self.lifetime }
    }
}
