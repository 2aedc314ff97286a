import Testing

@testable import Gateway

@Suite("Metrics snapshot")
struct MetricsSnapshotTests {
    @Test("queues, agents and servers are gauges with their names")
    func gauges() {
        var status = GatewayStatus(
            version: "1.2.3", pid: 42, uptimeSeconds: 7, isDraining: false, loops: [], traffic: GatewayStatus.Traffic(),
            chatURL: "",
            chat: GatewayStatus.Chat(isHealthy: true, credential: .accepted, milliseconds: 1.5, checkedSecondsAgo: 0),
            tenants: [
                GatewayStatus.Tenant(
                    id: "t", name: "Acme", queues: [GatewayStatus.Queue(department: "d", name: "sales", length: 3)],
                    agents: [GatewayStatus.Agent(username: "ann", status: "online", rooms: 1, capacity: 5)])
            ], warnings: [])
        let text = MetricsSnapshot(status).prometheusText()
        for line in [
            "customersd_up{version=\"1.2.3\"} 1", "customersd_queue_length{department=\"d\",tenant=\"t\"} 3",
            "customersd_agent_rooms{agent=\"ann\",tenant=\"t\"} 1",
            "customersd_agent_online{agent=\"ann\",tenant=\"t\"} 1",
            "customersd_redis_writable 1", "customersd_chat_up 1", "customersd_chat_health_seconds 0.0015",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line) is not in \(text)")
        }
        status.redisRefusal = "OOM command not allowed"
        #expect(MetricsSnapshot(status).prometheusText().contains("\ncustomersd_redis_writable 0\n"))
    }
}
