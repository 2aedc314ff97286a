internal import Metrics
internal import Telemetry

/// What is true at one moment rather than counted: made anew for each scrape, so that a queue or an agent who is gone
/// leaves nothing behind.
struct MetricsSnapshot {
    private let registry = MetricsRegistry(help: [
        "up": "1 while the gateway serves, 0 while it drains.",
        "uptime_seconds": "How long the process has run.",
        "requests_in_flight": "Requests that are being answered.",
        "connections": "Connections of web servers that are open.",
        "redis_connected": "Whether a loop has its connection to Redis.",
        "redis_writable": "Whether Redis keeps what it is told: it is there, and neither full nor a replica.",
        "redis_pending_commands": "Commands of a loop whose replies have not come.",
        "chat_up": "Whether the chat server answered and took the credential.",
        "chat_health_seconds": "How long the chat server took to answer when it was last asked.",
        "chat_breaker_open": "Whether a loop has stopped asking the chat server, but for one call a second.",
        "near_cache_on": "Whether a loop remembers verified access tokens; not while it could miss a revocation.",
        "queue_length": "Rooms that wait for a department.",
        "queue_wait_seconds": "How long the next room of a queue has waited.",
        "agent_rooms": "Rooms an agent has.",
        "agent_capacity": "Rooms an agent may have.",
        "agent_online": "Whether an agent is online.",
        "agent_paused": "Whether an agent takes no new rooms.",
        "presence_source": "1 for the way in which it is known who is online.",
    ])

    init(_ status: GatewayStatus) {
        set("up", status.isDraining ? 0 : 1, [("version", status.version)])
        set("uptime_seconds", Double(status.uptimeSeconds))
        set("requests_in_flight", Double(status.traffic.requestsInFlight))
        set("connections", Double(status.traffic.connections))
        set("chat_up", status.chat.isHealthy ? 1 : 0)
        set("chat_health_seconds", status.chat.milliseconds / 1_000)
        set("redis_writable", status.isRedisWell ? 1 : 0)
        for loop in status.loops {
            let dimensions = [("loop", loop.name)]
            set("redis_connected", loop.redisIsConnected ? 1 : 0, dimensions)
            set("redis_pending_commands", Double(loop.pendingCommands), dimensions)
            set("chat_breaker_open", loop.breaker == "closed" ? 0 : 1, dimensions)
            set("near_cache_on", loop.nearCacheIsOn ? 1 : 0, dimensions)
        }
        for tenant in status.tenants {
            for queue in tenant.queues {
                let dimensions = [("tenant", tenant.id), ("department", queue.department)]
                set("queue_length", Double(queue.length), dimensions)
                set("queue_wait_seconds", Double(queue.longestSeconds ?? 0), dimensions)
            }
            for agent in tenant.agents {
                let dimensions = [("tenant", tenant.id), ("agent", agent.username)]
                set("agent_rooms", Double(agent.rooms), dimensions)
                set("agent_capacity", Double(agent.capacity), dimensions)
                set("agent_online", agent.status == "online" ? 1 : 0, dimensions)
                set("agent_paused", agent.isPaused ? 1 : 0, dimensions)
            }
            set("presence_source", 1, [("tenant", tenant.id), ("source", tenant.presence)])
        }
    }

    func prometheusText() -> String { registry.prometheusText() }

    private func set(_ name: String, _ value: Double, _ dimensions: [(String, String)] = []) {
        registry.makeMeter(label: name, dimensions: dimensions).set(value)
    }
}
