internal import Synchronization

/// The right of one call to be sent a second time, and no third time.
final class SecondTry: Sendable {
    private let isUsed = Mutex(false)
    private let isAllowed: @Sendable () -> Bool

    /// - Parameter isAllowed: asked when the call would be sent again; true uses up what allows it.
    init(isAllowed: @escaping @Sendable () -> Bool) { self.isAllowed = isAllowed }

    /// Whether the call may be sent again now.
    func take() -> Bool {
        isUsed.withLock { isUsed in
            guard !isUsed, isAllowed() else { return false }
            isUsed = true
            return true
        }
    }
}
