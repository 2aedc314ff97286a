internal import Synchronization

/// Lets few calls be sent again: when a server fails altogether, repeating everything would double its load.
///
/// What is added is a tenth of the calls at most, the reserve for single failures included: one in twelve, and five at
/// once (hazards, breaker and retries).
final class RetryBudget: Sendable {
    private static let price = 12
    private static let reserve = 5 * price

    private let saved = Mutex(reserve)

    /// For each call that is sent.
    func earn() { saved.withLock { $0 = min($0 + 1, Self.reserve) } }

    /// Whether there is one left; it is used up then.
    func take() -> Bool {
        saved.withLock { saved in
            guard saved >= Self.price else { return false }
            saved -= Self.price
            return true
        }
    }
}
