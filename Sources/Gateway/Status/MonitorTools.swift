internal import Glibc
internal import Telemetry

/// What a process has one of, for those who watch it.
struct MonitorTools: Sendable {
    /// All metrics.
    var registry = MetricsRegistry(help: [
        RequestMetrics.countLabel: "Requests by route and class of status.",
        RequestMetrics.timeLabel: "How long answers took, by route and class of status.",
        DomainMetrics.transfersLabel: "Rooms that went to another agent or into a queue, or were to.",
        DomainMetrics.repairsLabel: "What the reconciliation put right, by kind.",
        "customersd_chat_calls_total": "Calls of the chat server by route and outcome.",
        "customersd_chat_latency_seconds": "How long the chat server took, by route.",
        "customersd_chat_breaker_opened_total": "How often a loop has stopped asking the chat server.",
        "customersd_redis_commands_total": "Commands sent to Redis by outcome.",
        "customersd_redis_latency_seconds": "How long Redis took: the longest of each turn of a loop.",
        "customersd_redis_connections_total": "Connections to Redis that were made.",
        "customersd_gate_refusals_total": "Requests and connections refused before they were read, by reason.",
        "customersd_overloaded_total": "Requests answered 503 because too many were in flight.",
        "customersd_turned_away_total": "Work with the chat server that got no turn in time.",
        "customersd_connections_shed_total": "Connections closed at once because descriptors had run out.",
        "customersd_bad_responses_total": "Answers that could not be sent as they were.",
    ])
    /// The last warnings.
    var recent = RecentLog()
    /// The switch of `access_log`.
    var accessLog = AccessLog()
    /// The configuration file.
    var configuration = ""
    /// Where `customersctl` connects; nil for nowhere.
    var controlPath: String?
    /// Where the chat server is.
    var chatURL = ""

    /// The process's id.
    var pid: Int { Int(getpid()) }
}
