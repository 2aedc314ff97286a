/// A status for a terminal.
struct GatewayStatusText {
    private let status: GatewayStatus

    init(_ status: GatewayStatus) { self.status = status }

    var text: String {
        let traffic = status.traffic
        var parts = [
            "customersd \(status.version), process \(status.pid), up \(StatusPage.duration(status.uptimeSeconds))"
                + (status.isDraining ? ", draining" : ""),
            "requests     \(traffic.requestsInFlight) in flight, \(traffic.requests) in all, "
                + "\(traffic.connections) connections open\n" + "             \(rate)",
        ]
        let refused = traffic.refused.merging(
            ["overloaded": traffic.overloaded, "out of descriptors": traffic.shedConnections]
        ) { $0 + $1 }.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let reasons = refused.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        parts.append("refused      \(refused.isEmpty ? "none" : reasons)")
        parts.append(chat + redisTrouble)
        parts.append(loops)
        parts.append(contentsOf: tenants)
        if !status.warnings.isEmpty {
            parts.append("LAST WARNINGS\n" + status.warnings.suffix(5).map(TextTable.printable).joined(separator: "\n"))
        }
        return parts.prefix(4).joined(separator: "\n") + "\n\n" + parts.dropFirst(4).joined(separator: "\n\n")
    }

    private var rate: String {
        let recent = status.traffic.history.suffix(12)
        guard !recent.isEmpty else { return "just started" }
        let perSecond = Double(recent.reduce(0, +)) / Double(recent.count * RequestHistory.interval)
        let tenths = Int((perSecond * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) a second in the last minute"
    }

    private var chat: String {
        let chat = status.chat
        let condition =
            chat.isHealthy
            ? "answers in \(chat.milliseconds) ms, credential accepted" : "IN TROUBLE: \(chat.error ?? "")"
        var text = "chat server  \(status.chatURL) \(condition) (\(chat.checkedSecondsAgo) s ago)"
        if chat.credential == .refused {
            text +=
                "\n             → the gateway's account cannot sign in: check chat.username and its password, or the token"
        }
        return text
    }

    /// A line of its own, when there is a connection that is of no use.
    private var redisTrouble: String {
        guard let refusal = status.redisRefusal else { return "" }
        return
            "\nRedis        IN TROUBLE: it refuses to keep anything, requests get 503: \(TextTable.printable(refusal))"
            + "\n             → customersctl doctor says what helps"
    }

    private var loops: String {
        var table = TextTable("loop", "redis", "pending", "reconnects", "breaker", "near cache", "redis address")
        for loop in status.loops {
            table.add(
                loop.name, loop.redisIsConnected ? "connected" : "AWAY: \(loop.redisError ?? "not connected")",
                String(loop.pendingCommands + loop.waitingCommands), String(loop.reconnects), loop.breaker,
                loop.nearCacheIsOn ? "on" : "off", loop.redis)
        }
        return table.text(ifEmpty: "no loops")
    }

    private var tenants: [String] {
        var queues = TextTable("tenant", "department", "waiting", "longest")
        var agents = TextTable("tenant", "agent", "status", "rooms")
        for tenant in status.tenants {
            if let error = tenant.error { queues.add(tenant.name, "? \(error)", "", "") }
            for queue in tenant.queues {
                queues.add(
                    tenant.name, queue.name, String(queue.length), queue.longestSeconds.map(StatusPage.duration) ?? "-")
            }
            for agent in tenant.agents {
                agents.add(tenant.name, agent.username, agent.shownStatus, "\(agent.rooms) of \(agent.capacity)")
            }
        }
        let notes = status.tenants.compactMap { tenant in
            tenant.presenceNote.map { TextTable.printable("\(tenant.name): \($0)") }
        }
        return [queues.text(ifEmpty: "no tenants"), agents.text(ifEmpty: "no agents")]
            + (notes.isEmpty ? [] : ["PRESENCE\n" + notes.joined(separator: "\n")])
    }
}
