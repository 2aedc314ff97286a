internal import Metrics

/// The client's counters: made once, added to once a turn of the loop, not once a command.
struct RedisMetrics: Sendable {
    private let ok = Self.commands("ok")
    private let error = Self.commands("error")
    private let unavailable = Self.commands("unavailable")
    private let timedOut = Self.commands("timeout")
    private let overloaded = Self.commands("overloaded")
    private let cancelled = Self.commands("cancelled")
    private let latency = Metrics.Timer(label: "customersd_redis_latency_seconds")
    private let connections = Counter(label: "customersd_redis_connections_total")

    private static func commands(_ result: String) -> Counter {
        Counter(label: "customersd_redis_commands_total", dimensions: [("result", result)])
    }

    /// A turn's worth of replies; the latency is a sample: the one that took longest.
    func replied(_ count: Int, errors: Int, nanoseconds: UInt64) {
        if count > errors { ok.increment(by: count - errors) }
        if errors > 0 { error.increment(by: errors) }
        latency.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    /// A command without a reply.
    func failed(_ code: RedisError.Code) {
        switch code {
        case .unavailable: unavailable.increment()
        case .timedOut: timedOut.increment()
        case .overloaded: overloaded.increment()
        case .cancelled: cancelled.increment()
        case .protocolViolation: error.increment()
        case .server, .commandNotAllowed, .invalidURL: break
        }
    }

    /// A connection is ready.
    func connected() { connections.increment() }
}
