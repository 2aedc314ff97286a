internal import Crypto

/// The status page: one HTML file without scripts or anything from elsewhere, which loads itself again every five seconds.
struct StatusPage {
    private let status: GatewayStatus

    init(_ status: GatewayStatus) { self.status = status }

    func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
        <meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
        <title>\(title)</title><style>\(Self.style)</style></head><body>
        <h1>customersd \(Self.escaped(status.version)) <span class="\(isWell ? "good" : "bad")">\(condition)</span></h1>
        <p>up \(Self.duration(status.uptimeSeconds)), process \(status.pid), \(status.loops.count) loops</p>
        <h2>Requests</h2>\(requests)
        <h2>Redis and chat server</h2>\(servers)
        <h2>Queues</h2>\(queues)
        <h2>Agents</h2>\(agents)
        <h2>Last warnings</h2>\(warnings)
        </body></html>

        """
    }

    private var isWell: Bool {
        !status.isDraining && status.chat.isHealthy && status.loops.allSatisfy(\.redisIsConnected)
    }

    private var condition: String { status.isDraining ? "draining" : isWell ? "well" : "in trouble" }

    private var title: String {
        let waiting = status.tenants.flatMap(\.queues).reduce(0) { $0 + $1.length }
        return "customersd: \(condition)" + (waiting > 0 ? ", \(waiting) waiting" : "")
    }

    private var requests: String {
        let traffic = status.traffic
        let counts = Self.table(
            ["in flight", "connections", "requests", "overloaded", "shed"],
            [
                [
                    traffic.requestsInFlight, traffic.connections, traffic.requests, traffic.overloaded,
                    traffic.shedConnections,
                ]
                .map(String.init)
            ])
        let refused = traffic.refused.sorted { $0.key < $1.key }.map { [$0.key, String($0.value)] }
        return
            "<p>\(Sparkline(values: traffic.history).svg())<br><small>each point \(RequestHistory.interval) s, highest "
            + "\(traffic.history.max() ?? 0)</small></p>\(counts)"
            + (refused.isEmpty ? "" : Self.table(["refused because", "number"], refused))
    }

    private var servers: String {
        let chat = status.chat
        let rows = status.loops.map { loop in
            [
                "Redis, \(loop.name)", loop.redisIsConnected ? "connected" : "away: \(loop.redisError ?? "")",
                "\(loop.pendingCommands) pending, \(loop.reconnects) reconnects; chat breaker \(loop.breaker), "
                    + "near cache \(loop.nearCacheIsOn ? "on" : "off")",
            ]
        }
        let answer = "\(Self.milliseconds(chat.milliseconds)), \(chat.checkedSecondsAgo) s ago"
        return Self.table(
            ["server", "condition", ""],
            rows + [["chat server", chat.error ?? "answers, credential accepted", answer]])
    }

    private var queues: String {
        Self.table(
            ["tenant", "department", "waiting", "longest"],
            status.tenants.flatMap { tenant in
                if let error = tenant.error { return [[tenant.name, error, "", ""]] }
                return tenant.queues.map { queue in
                    [tenant.name, queue.name, String(queue.length), queue.longestSeconds.map(Self.duration) ?? ""]
                }
            })
    }

    private var agents: String {
        Self.table(
            ["tenant", "agent", "status", "rooms"],
            status.tenants.flatMap { tenant in
                tenant.agents.map { [tenant.name, $0.username, $0.shownStatus, "\($0.rooms) of \($0.capacity)"] }
            })
            + status.tenants.compactMap { tenant in
                tenant.presenceNote.map { "<p>\(Self.escaped("\(tenant.name): \($0)"))</p>" }
            }.joined()
    }

    private var warnings: String {
        guard !status.warnings.isEmpty else { return "<p>none</p>" }
        let lines = status.warnings.reversed().map { Self.escaped(Self.withoutIDs($0)) }
        return "<pre>\(lines.joined(separator: "\n"))</pre>"
    }

    /// A room's or a customer's id as a hash: enough to see that two lines are about the same, useless elsewhere.
    static func withoutIDs(_ line: String) -> String {
        line.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
            for key in ["rid=", "customer=", "user_id="] where word.hasPrefix(key) {
                let digest = SHA256.hash(data: Array(word.dropFirst(key.count).utf8)).prefix(4)
                let hash = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                return "\(key)#\(hash)"
            }
            return String(word)
        }.joined(separator: " ")
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "<p>none</p>" }
        let cells = { (row: [String], tag: String) in
            "<tr>" + row.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
        }
        return "<table>" + cells(head, "th") + rows.map { cells($0, "td") }.joined(separator: "\n") + "</table>"
    }

    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    private static func milliseconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) ms" }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }

    private static let style = """
        :root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:1.5em;max-width:70em}h1{font-size:1.3em}
        h2{font-size:1em;margin:1.5em 0 .3em}table{border-collapse:collapse}td,th{text-align:left;padding:.15em 1.2em .15em 0}
        th{font-weight:normal;opacity:.6}pre{font-size:12px;white-space:pre-wrap}.good{color:#2a8a3a}.bad{color:#c22}
        """
}
