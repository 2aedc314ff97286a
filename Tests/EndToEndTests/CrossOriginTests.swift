import Foundation
import TestSupport
import Testing

/// Which sites' pages may call: each tenant's own, checked on the server, echoed, never `*`.
@Suite("Cross origin", .ownProcesses, .installation())
struct CrossOriginTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private func origin() -> String { "https://\(someName("shop")).example.com" }

    private func tenant(_ origins: [String]) async throws -> TestTenant {
        try await bed.tenant(GatewayTenantPlan { $0.origins = origins })
    }

    private func preflight(_ path: String, from origin: String?) async throws -> HTTPTestReply {
        try await bed.client.send(
            HTTPTestRequest("OPTIONS", path).with("Origin", origin).with("Access-Control-Request-Method", "POST")
                .with("Access-Control-Request-Headers", "authorization,content-type"))
    }

    private func call(_ tenant: TestTenant, from origin: String) async throws -> HTTPTestReply {
        try await bed.client.send(
            .form("/customers/client_connect", [("api_key", tenant.id)]).with("Origin", origin))
    }

    private func corsHeaders(_ reply: HTTPTestReply) -> [String] {
        reply.headers.map(\.name).filter { $0.hasPrefix("access-control-") }
    }

    @Test(
        "the preflight of a site that some tenant allows is answered on every path",
        arguments: [
            "/customers/auth_ping", "/customers/connect", "/customers/client_connect", "/customers/history_message",
            "/customers/shutdown_service", "/customers/Transfer", "/customers/transfer", "/managers/access_token",
        ])
    func preflight(path: String) async throws {
        let site = origin()
        _ = try await tenant([site])
        let reply = try await preflight(path, from: site)
        #expect(reply.status == 204)
        #expect(reply.body.isEmpty)
        #expect(reply.header("access-control-allow-origin") == site)
        #expect(reply.header("access-control-allow-headers") == "Authorization, Content-Type, Idempotency-Key")
        #expect(reply.header("access-control-allow-methods")?.contains("OPTIONS") == true)
        #expect(reply.header("vary")?.contains("Origin") == true)
    }

    @Test("the preflight of any other site is a 403 without CORS headers")
    func foreignPreflight() async throws {
        _ = try await tenant([origin()])
        for site in [origin(), "null", "https://evil.example", "*"] {
            let reply = try await preflight("/customers/client_connect", from: site)
            try expectError(reply, 403, "origin not allowed")
            #expect(corsHeaders(reply).isEmpty, "\(reply)")
        }
    }

    @Test("a call from a tenant's site is answered and the site echoed, never *")
    func allowed() async throws {
        let (one, other) = (origin(), origin())
        let tenant = try await tenant([one, other])
        for site in [one, other] {
            let reply = try await call(tenant, from: site)
            #expect(reply.status == 200)
            #expect(reply.header("access-control-allow-origin") == site)
            #expect(reply.header("vary")?.contains("Origin") == true)
        }
    }

    @Test("a call from another site is a 403 without CORS headers and without effect")
    func refused() async throws {
        let (mine, theirs) = (origin(), origin())
        let tenant = try await tenant([mine])
        _ = try await self.tenant([theirs])
        let chat = try bed.installation.chat
        let rooms = try await chat.members(of: "x").count
        #expect(rooms == 0)
        for site in [
            theirs, mine + ":8443", mine.replacingOccurrences(of: "https", with: "http"), "\(mine).evil.example",
            "null",
        ] {
            let reply = try await call(tenant, from: site)
            try expectError(reply, 403, "origin not allowed")
            #expect(corsHeaders(reply).isEmpty, "\(reply)")
        }
        let agent = try await chat.logIn(tenant.plan.agents[0].username)
        #expect(try success(try await chat.call("GET", "groups.list", as: agent))["groups"] == [])
    }

    @Test("a tenant without sites is called by no page")
    func noOrigins() async throws {
        let tenant = try await tenant([])
        try expectError(try await call(tenant, from: origin()), 403)
    }

    @Test("the tenant's site reads errors too: 400, 401 and 404 carry the CORS headers")
    func errors() async throws {
        let site = origin()
        let tenant = try await tenant([site])
        let token = try await tenant.started()["token"].string
        let requests: [(HTTPTestRequest, Int)] = [
            (.form("/customers/client_connect", []), 400), (.get("/customers/auth_ping"), 401),
            (.get("/customers/history_message", [("room_id", "x")]).with("Authorization", token), 404),
        ]
        for (request, status) in requests {
            let reply = try await bed.client.send(request.with("Origin", site))
            #expect(reply.status == status)
            #expect(reply.header("access-control-allow-origin") == site, "\(reply)")
        }
    }

    @Test(
        "calls with tokens are checked against the token's tenant",
        arguments: ["history", "shutdown", "transfer", "connect", "ping"])
    func tokens(kind: String) async throws {
        let (mine, theirs) = (origin(), origin())
        let tenant = try await tenant([mine])
        _ = try await self.tenant([theirs])
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let accessToken = try await tenant.accessToken()
        let request: HTTPTestRequest =
            switch kind {
            case "history": .get("/customers/history_message", [("room_id", rid)]).with("Authorization", token)
            case "shutdown": .form("/customers/shutdown_service", [("group_id", rid)]).with("Authorization", token)
            case "transfer": .form("/customers/Transfer", [("group_id", rid)]).with("Authorization", token)
            case "connect": .form("/customers/connect", [("name", someName())]).with("Authorization", accessToken)
            default: .get("/customers/auth_ping").with("Authorization", accessToken)
            }
        let refused = try await bed.client.send(request.with("Origin", theirs))
        try expectError(refused, 403, "origin not allowed")
        #expect(corsHeaders(refused).isEmpty)
        #expect(try await bed.installation.chat.room(rid) != nil)
        let allowed = try await bed.client.send(request.with("Origin", mine))
        #expect(allowed.status == (kind == "transfer" ? 409 : 200))
        #expect(allowed.header("access-control-allow-origin") == mine)
    }

    @Test("a call without Origin is no page's and gets no CORS headers")
    func noOrigin() async throws {
        let reply = try await tenant([origin()]).clientConnect()
        #expect(reply.status == 200)
        #expect(corsHeaders(reply).isEmpty)
    }
}
