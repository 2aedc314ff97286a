internal import Metrics
internal import Synchronization

/// Counts and times the calls by route. Handles are made once and kept: making one takes the metrics system's lock.
final class RocketChatMetrics: Sendable {
    /// What became of a call, as a label.
    enum Outcome: String, Sendable {
        case success = "2xx"
        case redirect = "3xx"
        case refused = "4xx"
        case limited = "429"
        case failed = "5xx"
        case timedOut = "timeout"
        case unreachable
        case broken
        case cancelled

        /// What one watches for.
        static let troubles = [refused, limited, failed, timedOut, unreachable, broken]
    }

    fileprivate struct Key: Hashable {
        var route: String
        var outcome: Outcome
    }

    fileprivate struct Handles {
        var counters: [Key: Counter] = [:]
        var timers: [String: Metrics.Timer] = [:]
    }

    private let handles = Mutex(Handles())

    func record(route: String, outcome: Outcome, milliseconds: Int64) {
        let (counter, timer) = handles.withLock { handles in
            (handles.counter(route: route, outcome: outcome), handles.timer(route: route))
        }
        counter.increment()
        timer.recordMilliseconds(milliseconds)
    }
}

extension RocketChatMetrics.Handles {
    fileprivate mutating func counter(route: String, outcome: RocketChatMetrics.Outcome) -> Counter {
        let key = RocketChatMetrics.Key(route: route, outcome: outcome)
        if let counter = counters[key] { return counter }
        // The first call of a route has the counters of its troubles there, at 0: what begins with its first count
        // shows no rise to whoever watches for one.
        if timers[route] == nil {
            for trouble in RocketChatMetrics.Outcome.troubles {
                let key = RocketChatMetrics.Key(route: route, outcome: trouble)
                counters[key] = Self.counter(key)
            }
        }
        let counter = Self.counter(key)
        counters[key] = counter
        return counter
    }

    private static func counter(_ key: RocketChatMetrics.Key) -> Counter {
        Counter(
            label: "customersd_chat_calls_total",
            dimensions: [("route", key.route), ("status", key.outcome.rawValue)])
    }

    fileprivate mutating func timer(route: String) -> Metrics.Timer {
        if let timer = timers[route] { return timer }
        let timer = Metrics.Timer(label: "customersd_chat_latency_seconds", dimensions: [("route", route)])
        timers[route] = timer
        return timer
    }
}
