internal import Customers
internal import Metrics

/// Counts what happens in the domain.
enum DomainMetrics {
    static let transfersLabel = "transfers"
    static let repairsLabel = "repairs"

    /// Has all counters there, at 0: what begins with its first count shows no rise to whoever watches for one.
    static func begin() {
        for repair in Repair.allCases { _ = counter(repair) }
        for reason in TransferReason.allCases { for isDone in [true, false] { _ = counter(reason, isDone: isDone) } }
    }

    /// Counts an event. They are rare; making a handle each time costs a lock.
    @Sendable static func tally(_ event: DomainEvent) {
        switch event {
        case .transfer(let reason, let isDone): counter(reason, isDone: isDone).increment()
        case .repair(let repair, let count): counter(repair).increment(by: Int64(count))
        }
    }

    private static func counter(_ reason: TransferReason, isDone: Bool) -> Counter {
        Counter(
            label: transfersLabel, dimensions: [("reason", reason.rawValue), ("outcome", isDone ? "done" : "failed")])
    }

    private static func counter(_ repair: Repair) -> Counter {
        Counter(label: repairsLabel, dimensions: [("kind", repair.rawValue)])
    }
}
