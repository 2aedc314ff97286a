internal import Metrics
internal import Synchronization

/// Counts and times requests by route and class of status. One a loop.
///
/// The counters of what a request can end with are there from the start, at 0: what begins with its first count shows
/// no rise to whoever watches for one. A handle is taken when its first request comes and then kept, as that takes the
/// lock of all metrics; this one's own lock is never contended. Paths that are no route share one name, so that nobody
/// can fill the memory with names.
final class RequestMetrics: Sendable {
    private struct Handles {
        let count: Counter
        let time: Metrics.Timer
    }

    /// Route names by path.
    private let routes: [String: Int]
    private let names: [String]
    /// By route, then by class of status.
    private let handles: Mutex<[Handles?]>

    static let countLabel = "requests"
    static let timeLabel = "request_seconds"
    static let otherRoute = "other"
    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]
    private static let usualClasses = ["2xx", "4xx", "5xx"]

    /// Knows the API's paths; spellings of one route that differ in case share a name.
    init(paths: some Sequence<String>) {
        var names = [Self.otherRoute]
        var routes: [String: Int] = [:]
        for path in paths.sorted() {
            let number = names.firstIndex { $0.lowercased() == path.lowercased() } ?? names.endIndex
            if number == names.endIndex { names.append(path) }
            routes[path] = number
            routes[path + "/"] = number
        }
        self.routes = routes
        self.names = names
        handles = Mutex(Array(repeating: nil, count: names.count * Self.classes.count))
        for name in names {
            for statusClass in Self.usualClasses {
                _ = Counter(label: Self.countLabel, dimensions: [("route", name), ("status", statusClass)])
            }
        }
    }

    /// Counts a request that was answered.
    func record(path: String, status: Int, nanoseconds: UInt64) {
        let route = routes[path] ?? 0
        let statusClass = min(max(status / 100, 1), Self.classes.count) - 1
        let index = route * Self.classes.count + statusClass
        let handles = handles.withLock { all in
            if let known = all[index] { return known }
            let dimensions = [("route", names[route]), ("status", Self.classes[statusClass])]
            let new = Handles(
                count: Counter(label: Self.countLabel, dimensions: dimensions),
                time: Metrics.Timer(label: Self.timeLabel, dimensions: dimensions))
            all[index] = new
            return new
        }
        handles.count.increment()
        handles.time.recordNanoseconds(Int64(clamping: nanoseconds))
    }
}
