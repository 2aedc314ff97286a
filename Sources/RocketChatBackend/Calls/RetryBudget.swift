/// Lets one call in ten be sent again: when a server fails altogether, repeating everything would double its load.
struct RetryBudget {
    /// In tenths of a repetition.
    private var tenths = 100

    /// For each call that is sent.
    mutating func earn() { tenths = min(tenths + 1, 100) }

    /// Whether there is one left; it is used up then.
    mutating func take() -> Bool {
        guard tenths >= 10 else { return false }
        tenths -= 10
        return true
    }
}
