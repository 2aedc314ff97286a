internal import Customers
internal import Metrics

/// Counts what happens in the domain.
enum DomainMetrics {
    /// Counts an event. They are rare; making a handle each time costs a lock.
    @Sendable static func tally(_ event: DomainEvent) {
        switch event {
        case .transfer(let reason, let isDone):
            Counter(
                label: "transfers",
                dimensions: [("reason", reason.rawValue), ("outcome", isDone ? "done" : "failed")]
            ).increment()
        case .repair(let repair, let count):
            Counter(label: "repairs", dimensions: [("kind", repair.rawValue)]).increment(by: Int64(count))
        }
    }
}
