import TestSupport
import Testing

/// The API's description for machines is served, and the real answers are as it says.
@Suite("OpenAPI", .serialized, .ownProcesses, .installation())
struct OpenAPITests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private func document() async throws -> ServedDescription {
        let reply = try await bed.client.send(.get("/customers/openapi.yaml"))
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "application/yaml")
        return try ServedDescription(yaml: reply.text)
    }

    /// Checks an answer against what the document says of that call and status.
    private func check(
        _ document: ServedDescription, _ method: String, _ path: String, _ reply: HTTPTestReply,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let problems = document.problems(of: reply, to: method, path)
        #expect(problems.isEmpty, "\(method) \(path): \(problems) in \(reply)", sourceLocation: sourceLocation)
    }

    @Test("every call's answers, good and bad, are as the document says")
    func answers() async throws {
        let document = try await document()
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]) {
                $0.config = "{theme: dark}"
            })
        let accessToken = try await tenant.accessToken()
        let session = try await tenant.started([("name", "小明")])
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let page = try await DevChatSocket.connect(to: try bed.installation.chat, token: token)
        try await page.say("hello", in: rid)
        func send(_ request: HTTPTestRequest, _ status: Int) async throws {
            let reply = try await bed.client.send(request)
            #expect(reply.status == status, "\(request.method) \(request.target): \(reply)")
            let path = String(request.target.prefix { $0 != "?" })
            try check(document, request.method, path, reply)
        }
        try await send(.get("/customers/auth_ping").with("Authorization", accessToken), 200)
        try await send(.get("/customers/auth_ping"), 401)
        try await send(.form("/customers/connect", [("name", "ann")]).with("Authorization", accessToken), 200)
        try await send(.form("/customers/connect", []).with("Authorization", accessToken), 400)
        try await send(.form("/customers/client_connect", [("api_key", tenant.id)]), 200)
        try await send(.form("/customers/client_connect", []), 400)
        try await send(
            .form("/customers/client_connect", [("api_key", tenant.id)]).with("Origin", "https://x.example"), 403)
        try await send(.form("/customers/client_connect", [("api_key", tenant.id), ("department_id", tenant.id)]), 404)
        try await send(
            HTTPTestRequest("POST", "/customers/client_connect", headers: [("Content-Type", "text/plain")], body: [65]),
            415)
        try await send(
            HTTPTestRequest("POST", "/customers/client_connect", body: [UInt8](repeating: 65, count: 70_000)), 413)
        let history = HTTPTestRequest.get("/customers/history_message", [("room_id", rid), ("system", "1")])
        try await send(history.with("Authorization", token), 200)
        try await send(.get("/customers/history_message", [("room_id", "x")]).with("Authorization", token), 404)
        try await send(.form("/customers/Transfer", [("group_id", rid)]).with("Authorization", token), 200)
        try await send(
            .form("/customers/Transfer", [("group_id", rid), ("agent_id", "x")]).with("Authorization", token), 404)
        try await send(.form("/customers/shutdown_service", [("group_id", rid)]).with("Authorization", token), 200)
        try await send(.form("/customers/shutdown_service", [("group_id", "x")]).with("Authorization", token), 404)
        let signed = [("apiKey", tenant.id), ("signature", tenant.signature(tenant.id))]
        try await send(.get("/managers/access_token", signed), 200)
        try await send(.form("/managers/access_token", signed), 200)
        try await send(.form("/managers/access_token", []), 400)
    }

    @Test("a waiting customer's answer is as the document says too")
    func waiting() async throws {
        let document = try await document()
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(status: "offline")])]))
        let reply = try await tenant.clientConnect()
        #expect(try success(reply)["state"] == "waiting")
        try check(document, "POST", "/customers/client_connect", reply)
    }

    @Test("the check finds what is not as the document says")
    func checkFails() async throws {
        let document = try await document()
        let tenant = try await bed.tenant()
        var reply = try await tenant.clientConnect()
        guard case .object(var members) = try reply.json else { return }
        members["wait"] = "0"
        members["rid"] = nil
        members["state"] = "lost"
        reply.body = Array("\(HTTPTestJSON.object(members))".utf8)
        #expect(document.problems(of: reply, to: "POST", "/customers/client_connect").count == 3)
        #expect(!document.problems(of: reply, to: "DELETE", "/customers/client_connect").isEmpty)
        reply.status = 418
        #expect(!document.problems(of: reply, to: "POST", "/customers/client_connect").isEmpty)
    }
}
