extension StatusPage {
    /// What an admin has to do something about, with what to do; nothing while all is well.
    var troubles: String {
        var lines: [String] = []
        if status.isDraining {
            lines.append("It finishes the requests in flight and ends; the next process takes over.")
        }
        if let away = status.loops.first(where: { !$0.redisIsConnected }) {
            lines.append("Redis at \(away.redis) is away, requests get 503: \(away.redisError ?? "no connection")")
        }
        if let refusal = status.redisRefusal {
            lines.append("Redis refuses to keep anything, requests get 503: \(refusal)")
        }
        if !status.chat.isHealthy {
            lines.append(
                "The chat server at \(status.chatURL) is in trouble: \(status.chat.error ?? "it does not answer")")
        }
        lines += status.tenants.compactMap { tenant in tenant.presenceNote.map { "\(tenant.name): \($0)" } }
        guard !lines.isEmpty else { return "" }
        let items = lines.map { "<li>\(Self.escaped($0))</li>" }.joined()
        return "<ul class=\"troubles\">\(items)<li><code>customersctl doctor</code> says what helps</li></ul>"
    }

    /// The numbers to see from across the room.
    var tiles: String {
        let traffic = status.traffic
        let agents = status.tenants.flatMap(\.agents)
        let present = agents.count { $0.status == "online" && !$0.isPaused }
        let rooms = agents.reduce(0) { $0 + $1.rooms }
        let places = agents.reduce(0) { $0 + $1.capacity }
        let waiting = waitingCustomers
        let refusals =
            traffic.refused.values.reduce(0, +) + traffic.overloaded + traffic.shedConnections + traffic.badResponses
        return "<div class=\"tiles\">"
            + [
                tile(rate, "requests a second"), tile("\(traffic.requestsInFlight)", "in flight"),
                tile("\(waiting)", waiting == 1 ? "customer waits" : "customers wait", look: waiting > 0 ? "warm" : ""),
                tile(
                    "\(present) of \(agents.count)", "agents online",
                    look: agents.isEmpty || present > 0 ? "" : "bad"),
                tile("\(rooms) of \(places)", "rooms taken", look: places > 0 && rooms >= places ? "warm" : ""),
                tile("\(refusals)", "refused", look: refusals > 0 ? "warm" : ""),
            ].joined() + "</div>"
    }

    private func tile(_ number: String, _ what: String, look: String = "") -> String {
        "<div class=\"tile \(look)\"><b>\(number)</b> \(what)</div>"
    }

    /// In the last minute.
    private var rate: String {
        let recent = status.traffic.history.suffix(60 / RequestHistory.interval)
        guard !recent.isEmpty else { return "–" }
        let tenths = recent.reduce(0, +) * 10 / (recent.count * RequestHistory.interval)
        return tenths >= 1_000 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    var sparkline: String { Sparkline(values: status.traffic.history, width: 960, height: 72).svg() }

    var sparklineNote: String {
        let history = status.traffic.history
        guard history.count > 1 else { return "the curve begins in some seconds" }
        let highest = (history.max() ?? 0) / RequestHistory.interval
        return "last \(Self.duration(history.count * RequestHistory.interval)), at most \(highest) a second; "
            + "\(status.traffic.requests) since the start over \(status.traffic.acceptedConnections) connections, "
            + "\(status.traffic.connections) open"
    }

    /// Those in which somebody waits come first, the longest wait at the top.
    var queues: String {
        var rows: [(order: (Int, Int), cells: [Cell])] = []
        for tenant in status.tenants {
            if let error = tenant.error {
                rows.append(((Int.max, 0), [Cell(tenant.name), Cell(error, look: "bad"), "", ""]))
            }
            for queue in tenant.queues {
                let wait = queue.longestSeconds ?? 0
                let look = wait >= 600 ? "bad" : wait >= 120 ? "warm" : ""
                rows.append(
                    (
                        (wait, queue.length),
                        [
                            Cell(tenant.name), Cell(queue.name), Cell(String(queue.length)),
                            Cell(queue.longestSeconds.map(Self.duration) ?? "", look: look),
                        ]
                    ))
            }
        }
        // The order of the files where nobody waits.
        let sorted = rows.enumerated().sorted { a, b in
            a.element.order == b.element.order ? a.offset < b.offset : a.element.order > b.element.order
        }
        return Self.table(
            ["tenant", "department", "waiting", "longest"], sorted.map(\.element.cells),
            ifEmpty: "there are no tenants")
    }

    var agents: String {
        let rows = status.tenants.flatMap { tenant in
            tenant.agents.map { agent -> [Cell] in
                let share = Double(agent.rooms) / Double(max(1, agent.capacity))
                return [
                    Cell(tenant.name), Cell(agent.username),
                    Cell(agent.shownStatus, look: "dot \(Self.look(of: agent))"),
                    Cell("\(agent.rooms) of \(agent.capacity)", look: share >= 1 ? "warm" : "", share: share),
                ]
            }
        }
        return Self.table(["tenant", "agent", "status", "rooms"], rows, ifEmpty: "there are no agents")
    }

    private static func look(of agent: GatewayStatus.Agent) -> String {
        if agent.isPaused { return "warm" }
        switch agent.status {
        case "online": return "good"
        case "away", "busy": return "warm"
        case "absent": return "bad"
        default: return "dim"
        }
    }

    var servers: String {
        let chat = status.chat
        let answer = "\(Self.milliseconds(chat.milliseconds)), \(chat.checkedSecondsAgo) s ago"
        let rows = status.loops.map { loop -> [Cell] in
            [
                Cell("Redis, \(loop.name)"),
                Cell(
                    loop.redisIsConnected ? "connected" : "away: \(loop.redisError ?? "")",
                    look: "dot \(loop.redisIsConnected ? "good" : "bad")"),
                Cell(
                    "\(loop.pendingCommands + loop.waitingCommands) pending, \(loop.reconnects) reconnects, chat breaker "
                        + "\(loop.breaker), near cache \(loop.nearCacheIsOn ? "on" : "off")"),
            ]
        }
        return Self.table(
            ["server", "condition", ""],
            rows + [
                [
                    "chat server",
                    Cell(chat.error ?? "answers", look: "dot \(chat.isHealthy ? "good" : "bad")"), Cell(answer),
                ]
            ])
    }

    var refused: String {
        let traffic = status.traffic
        var numbers = traffic.refused
        numbers["too many in flight"] = traffic.overloaded
        numbers["out of descriptors"] = traffic.shedConnections
        numbers["answers that could not be sent"] = traffic.badResponses
        let rows = numbers.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return Self.table(
            ["because", "number"], rows.map { [Cell($0.key), Cell(String($0.value))] }, ifEmpty: "nothing")
    }

    /// The newest first; the same text in a row once, with how often.
    var warnings: String {
        var rows: [(line: WarningLine, count: Int)] = []
        for text in status.warnings.reversed() {
            let line = WarningLine(Self.withoutIDs(text))
            if let last = rows.last, last.line.text == line.text, last.line.level == line.level {
                rows[rows.count - 1].count += 1
            } else {
                rows.append((line, 1))
            }
        }
        return Self.table(
            ["time (UTC)", "level", "what"],
            rows.map { line, count in
                [
                    Cell(line.time), Cell(line.level, look: line.level == "warning" ? "warm" : "bad"),
                    Cell(line.text + (count > 1 ? " (\(count) times)" : ""), look: "log"),
                ]
            })
    }

    private static func milliseconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) ms" }
}
