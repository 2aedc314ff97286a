import Foundation
import TestSupport
import Testing

@Suite("Status page", .ownProcesses, .installation())
struct ControlStatusPageTests {
    private var installation: GatewayInstallation { get throws { try TestBed.current.installation } }

    /// Asks the daemon past nginx, from an address of the test's choice.
    private func ask(_ path: String, from address: String) async throws -> FastCGIReply {
        let socket = try installation.sockets[0]
        let parameters = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", path), ("REMOTE_ADDR", address)]
        let request =
            FastCGIBytes.begin() + FastCGIBytes.stream(type: 4, FastCGIBytes.pairs(parameters))
            + FastCGIBytes.stream(type: 5, [])
        return try await FastCGIClient.background { try FastCGIClient(socket).exchange(request) }
    }

    @Test("this machine sees tenants, agents and numbers")
    func shown() async throws {
        let plan = GatewayTenantPlan { $0.name = "Page \(someName())" }
        let tenant = try await TestBed.current.tenant(plan)
        let started = try await tenant.started([("name", someName())])
        for address in ["127.0.0.1", "::1"] {
            let page = try await ask("/customers-status", from: address)
            #expect(page.status == 200 && page.header("content-type") == "text/html; charset=utf-8")
            #expect(page.header("cache-control") == "no-store")
            #expect(page.text.contains(plan.name) && page.text.contains(plan.agents[0].username))
            for secret in [plan.secretKey, started["token"].string ?? "?", started["rid"].string ?? "?"] {
                #expect(!page.text.contains(secret))
            }
            let metrics = try await ask("/customers-metrics", from: address)
            #expect(
                metrics.status == 200 && metrics.header("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(
                metrics.text.contains(
                    "customersd_agent_rooms{agent=\"\(plan.agents[0].username)\",tenant=\"\(plan.id)\"} 1"))
        }
    }

    @Test("from anywhere else the pages do not exist", arguments: ["192.0.2.7", "", "10.0.0.1", "unix:"])
    func hidden(address: String) async throws {
        for path in ["/customers-status", "/customers-metrics"] {
            let reply = try await ask(path, from: address)
            #expect(reply.status == 404 && !reply.text.contains("customersd"))
        }
    }

    @Test("nginx lets this machine in and shows others what any absent path shows")
    func throughNginx() async throws {
        let client = try installation.client
        let own = try await client.send(.get("/customers-status").with("X-Forwarded-For", "127.0.0.1"))
        #expect(own.status == 200)
        for path in ["/customers-status", "/customers-metrics", "/customers/../customers-status", "/customers-status/"]
        {
            let other = try await client.send(.get(path).with("X-Forwarded-For", "192.0.2.7"))
            try expectError(other, 404, "not found", code: "not_found")
        }
    }

    @Test("the server of their own has the two pages, for this machine only, and nothing else")
    func ownServer() async throws {
        let client = HTTPTestClient(try installation.nginx.statusAddress)
        for path in ["/customers-status", "/customers-metrics"] {
            #expect(try await client.send(.get(path).with("X-Forwarded-For", "127.0.0.1")).status == 200)
            #expect(try await client.send(.get(path).with("X-Forwarded-For", "192.0.2.7")).status == 404)
        }
        for path in ["/", "/customers/openapi.yaml", "/managers/access_token"] {
            #expect(try await client.send(.get(path).with("X-Forwarded-For", "127.0.0.1")).status == 404)
        }
    }

    @Test("one line a request, once the configuration asks for it")
    func accessLog() async throws {
        let file = try installation.folder.file("customersd0.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(
            of: "log_level: debug", with: "log_level: info")
        try installation.folder.write(text + "access_log: on\n", to: "customersd0.yaml")
        try await installation.reload()
        let daemon = try installation.daemon
        try await eventually("requests are logged at info") {
            _ = try await installation.client.send(.get("/customers/auth_ping?signature=hidden"))
            return daemon.log.contains {
                $0.contains("level=info msg=request") && $0.contains("path=/customers/auth_ping status=401")
            }
        }
        #expect(!daemon.log.contains { $0.contains("signature=hidden") })
    }
}
