internal import FastCGIProtocol
internal import Metrics
internal import Synchronization

/// The counts of one loop; written there, readable from any thread.
final class WorkerCounters: Sendable {
    let accepted = Atomic<Int>(0)
    /// Also raised by the loop that hands a connection over.
    let connections = Atomic<Int>(0)
    let inFlight = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let shed = Atomic<Int>(0)
    let badResponses = Atomic<Int>(0)
    let overloaded = Atomic<Int>(0)

    private let refused = Mutex<[String: Refusals]>([:])
    private let shedMetric = Counter(label: "customersd_connections_shed_total")
    private let badResponseMetric = Counter(label: "customersd_bad_responses_total")
    private let overloadMetric = Counter(label: "customersd_overloaded_total")

    private struct Refusals {
        var count = 0
        let metric: Counter
    }

    /// Has all metrics there, at 0: what begins with its first count shows no rise to whoever watches for one.
    init() {
        for reason in GateRefusal.allCases.map(\.rawValue) + ConnectionRefusal.allCases.map(\.rawValue) {
            _ = Self.metric(reason)
        }
    }

    private static func metric(_ reason: String) -> Counter {
        Counter(label: "customersd_gate_refusals_total", dimensions: [("reason", reason)])
    }

    /// Counts a connection or request refused for `reason`, also in the metric `customersd_gate_refusals_total`.
    func refuse(_ reason: String) {
        refused.withLock { all in
            var entry = all[reason] ?? Refusals(metric: Self.metric(reason))
            entry.count &+= 1
            entry.metric.increment()
            all[reason] = entry
        }
    }

    func countShed() {
        Self.add(1, to: shed)
        shedMetric.increment()
    }

    func countBadResponse() {
        Self.add(1, to: badResponses)
        badResponseMetric.increment()
    }

    func countOverload() {
        Self.add(1, to: overloaded)
        overloadMetric.increment()
    }

    /// Only the loop writes, so a plain load and store will do; they are atomic for the readers.
    static func add(_ amount: Int, to count: borrowing Atomic<Int>) {
        count.store(count.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Connections and requests that have come so far.
    var arrivals: Int { accepted.load(ordering: .relaxed) &+ requests.load(ordering: .relaxed) }

    var snapshot: FastCGICounts {
        var counts = FastCGICounts()
        counts.accepted = accepted.load(ordering: .relaxed)
        counts.connections = connections.load(ordering: .relaxed)
        counts.inFlight = inFlight.load(ordering: .relaxed)
        counts.requests = requests.load(ordering: .relaxed)
        counts.shed = shed.load(ordering: .relaxed)
        counts.badResponses = badResponses.load(ordering: .relaxed)
        counts.overloaded = overloaded.load(ordering: .relaxed)
        counts.refused = refused.withLock { $0.mapValues(\.count) }
        return counts
    }
}
