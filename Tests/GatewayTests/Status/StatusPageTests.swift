import Testing

@testable import Gateway

@Suite("Status page")
struct StatusPageTests {
    private func status(_ change: (inout GatewayStatus) -> Void = { _ in }) -> GatewayStatus {
        var status = GatewayStatus(
            version: "1.2.3", pid: 42, uptimeSeconds: 7, isDraining: false,
            loops: [
                GatewayStatus.Loop(
                    name: "loop-0", redisIsConnected: true, redis: "unix:///r.sock", pendingCommands: 0,
                    waitingCommands: 0,
                    reconnects: 0, breaker: "closed", nearCacheIsOn: true)
            ], traffic: GatewayStatus.Traffic(), chatURL: "http://127.0.0.1:3000",
            chat: GatewayStatus.Chat(isHealthy: true, credential: .accepted, milliseconds: 1.5, checkedSecondsAgo: 2),
            tenants: [], warnings: [])
        change(&status)
        return status
    }

    @Test("it loads itself again and takes nothing from elsewhere")
    func selfContained() {
        let html = StatusPage(status()).html()
        #expect(html.contains(#"<meta http-equiv="refresh" content="5">"#))
        #expect(!html.contains("<script") && !html.contains("src=") && !html.contains("href="))
        #expect(html.contains(">well<"))
    }

    @Test("names are text, whatever they contain")
    func escapes() {
        let html = StatusPage(
            status {
                $0.tenants = [
                    GatewayStatus.Tenant(
                        id: "t", name: "<b>&\"'",
                        queues: [GatewayStatus.Queue(department: "d", name: "<script>", length: 3, longestSeconds: 61)])
                ]
                $0.warnings = ["msg=<img>"]
            }
        ).html()
        #expect(html.contains("<td>&lt;b&gt;&amp;&quot;&#39;</td><td>&lt;script&gt;</td><td>3</td><td>61 s</td>"))
        #expect(html.contains("<b>3</b> customers wait"))
        #expect(!html.contains("<img>"))
        #expect(html.contains("<title>customersd: well, 3 waiting</title>"))
    }

    @Test("it says when Redis or the chat server is away")
    func trouble() {
        #expect(StatusPage(status { $0.chat.isHealthy = false }).html().contains("in trouble"))
        #expect(StatusPage(status { $0.loops[0].redisIsConnected = false }).html().contains("in trouble"))
        let refused = StatusPage(status { $0.redisRefusal = "OOM command not allowed" }).html()
        #expect(refused.contains("in trouble") && refused.contains("OOM command not allowed"))
        #expect(StatusPage(status { $0.isDraining = true }).html().contains("draining"))
    }

    @Test("what needs an admin comes first: troubles at the top, the longest wait before the others")
    func order() throws {
        let html = StatusPage(
            status {
                $0.chat.isHealthy = false
                $0.chat.error = "refused <it>"
                $0.tenants = [
                    GatewayStatus.Tenant(
                        id: "t", name: "Acme",
                        queues: [
                            GatewayStatus.Queue(department: "a", name: "calm", length: 0),
                            GatewayStatus.Queue(department: "b", name: "short", length: 9, longestSeconds: 20),
                            GatewayStatus.Queue(department: "c", name: "long", length: 1, longestSeconds: 700),
                        ],
                        agents: [
                            GatewayStatus.Agent(username: "ann", status: "online", rooms: 5, capacity: 5),
                            GatewayStatus.Agent(
                                username: "bob", status: "online", rooms: 0, capacity: 4, isPaused: true),
                        ])
                ]
            }
        ).html()
        let places = try ["refused &lt;it&gt;", "<td>long</td>", "<td>short</td>", "<td>calm</td>"].map {
            try #require(html.firstRange(of: $0)).lowerBound
        }
        #expect(places == places.sorted())
        #expect(html.contains(#"<td class="bad">11 min</td>"#))
        #expect(html.contains(#"<i style="width:100%"></i></span>5 of 5</td>"#))
        #expect(html.contains(#"<td class="dot warm">online, paused</td>"#))
        #expect(html.contains("<b>1 of 2</b> agents online") && html.contains("<b>5 of 9</b> rooms taken"))
    }

    @Test("warnings are told apart by time and level, the newest first, and one that repeats itself is there once")
    func warnings() throws {
        let away = #"level=warning msg="Redis not reachable: x" logger=customersd"#
        let html = StatusPage(
            status {
                $0.warnings = [
                    "time=2026-11-24T02:17:40.998Z \(away)", "time=2026-11-24T02:17:41.998Z \(away)",
                    #"time=2026-11-24T02:18:00.000Z level=error msg=failed logger=customersd route=x rid=6513afed"#,
                ]
            }
        ).html()
        #expect(html.contains(#"<td>02:17:41</td><td class="warm">warning</td>"#))
        #expect(html.contains("Redis not reachable: x (2 times)"))
        #expect(html.contains("failed route=x rid=#") && !html.contains("6513afed"))
        #expect(
            try #require(html.firstRange(of: "failed route")).lowerBound
                < #require(html.firstRange(of: "Redis not reachable")).lowerBound)
        #expect(WarningLine("no line of ours").text == "no line of ours")
        #expect(WarningLine(#"level=error msg="a \"b\" c" logger=customersd"#).text == #""a \"b\" c""#)
    }

    @Test("ids of rooms and customers are shown as hashes, alike for the same id")
    func ids() {
        let line = StatusPage.withoutIDs("level=warning msg=\"a b\" rid=6513afeda2f73c7460e18c86 customer=ann path=/x")
        #expect(!line.contains("6513af") && !line.contains("ann"))
        #expect(line.hasPrefix("level=warning msg=\"a b\" rid=#") && line.hasSuffix(" path=/x"))
        #expect(StatusPage.withoutIDs("rid=a") == StatusPage.withoutIDs("rid=a"))
        #expect(StatusPage.withoutIDs("rid=a") != StatusPage.withoutIDs("rid=b"))
    }

    @Test(
        "the pages are for loopback addresses only",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("", false), ("192.0.2.7", false),
            ("unix:", false),
            ("127.0.0.1.evil", false), ("127.0.0", false), ("128.0.0.1", false), ("::ffff:127.0.0.1", false),
        ])
    func loopback(address: String, isLoopback: Bool) { #expect(StatusPages.isLoopback(address) == isLoopback) }
}
