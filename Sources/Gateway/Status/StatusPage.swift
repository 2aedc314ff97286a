internal import Crypto
internal import HTTPMessage

/// The status page: one HTML file without scripts or anything from elsewhere, which loads itself again every five
/// seconds.
///
/// What needs an admin comes first and in colour; the parts are in `StatusPage+Parts.swift`.
struct StatusPage {
    let status: GatewayStatus

    init(_ status: GatewayStatus) { self.status = status }

    func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
        <meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title)</title><style>\(Self.style)</style></head><body>
        <header><h1><span class="mark \(isWell ? "good" : "bad")">\(condition)</span> customersd</h1>
        <p>version \(Self.escaped(status.version)), process \(status.pid), up \(Self.duration(status.uptimeSeconds)), \
        \(status.loops.count) loops</p></header>
        \(troubles)
        \(tiles)
        <section class="wide"><h2>Requests <small>\(sparklineNote)</small></h2>\(sparkline)</section>
        <main>
        <section><h2>Queues</h2>\(queues)</section>
        <section><h2>Agents</h2>\(agents)</section>
        <section><h2>Redis and chat server</h2>\(servers)</section>
        <section><h2>Refused before they were read</h2>\(refused)</section>
        </main>
        <section class="wide"><h2>Last warnings and errors</h2>\(warnings)</section>
        </body></html>

        """
    }

    private var isWell: Bool { !status.isDraining && status.isWell }

    private var condition: String { status.isDraining ? "draining" : isWell ? "well" : "in trouble" }

    private var title: String {
        let waiting = waitingCustomers
        return "customersd: \(condition)" + (waiting > 0 ? ", \(waiting) waiting" : "")
    }

    var waitingCustomers: Int { status.tenants.flatMap(\.queues).reduce(0) { $0 + $1.length } }

    // MARK: What the parts are made of

    /// A cell of a table: text, with a class when it is to be seen.
    struct Cell: ExpressibleByStringLiteral {
        var text: String
        var look = ""
        /// Between 0 and 1: a bar behind the text.
        var share: Double?

        init(_ text: String, look: String = "", share: Double? = nil) {
            (self.text, self.look, self.share) = (text, look, share)
        }

        init(stringLiteral text: String) { self.text = text }

        fileprivate var html: String {
            let look = look.isEmpty ? "" : " class=\"\(look)\""
            guard let share else { return "<td\(look)>\(StatusPage.escaped(text))</td>" }
            let percent = Int((min(max(share, 0), 1) * 100).rounded())
            return
                "<td\(look)><span class=\"bar\"><i style=\"width:\(percent)%\"></i></span>\(StatusPage.escaped(text))</td>"
        }
    }

    static func table(_ head: [String], _ rows: [[Cell]], ifEmpty none: String = "none") -> String {
        guard !rows.isEmpty else { return "<p>\(escaped(none))</p>" }
        let first = "<tr>" + head.map { "<th>\(escaped($0))</th>" }.joined() + "</tr>"
        return "<table>" + first + rows.map { "<tr>" + $0.map(\.html).joined() + "</tr>" }.joined(separator: "\n")
            + "</table>"
    }

    /// A room's or a customer's id as a hash: enough to see that two lines are about the same, useless elsewhere.
    static func withoutIDs(_ line: String) -> String {
        line.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
            for key in ["rid=", "customer=", "user_id="] where word.hasPrefix(key) {
                return "\(key)#\(SHA256.hash(data: Array(word.dropFirst(key.count).utf8)).prefix(4).hex)"
            }
            return String(word)
        }.joined(separator: " ")
    }

    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

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
}
