import TestSupport
import Testing

/// An installation over Redis servers of the test's own, with a customer in a room.
struct RedisScene: Sendable {
    let installation: GatewayInstallation
    let tenant: TestTenant
    let accessToken: String
    let name = someName()
    let session: HTTPTestJSON
    var rid: String { session["rid"].string ?? "" }
    var token: String { session["token"].string ?? "" }

    /// Starts it and lets the customer come as soon as the gateway has found Redis.
    init(redis url: String) async throws {
        let plan = GatewayTenantPlan()
        installation = try await GatewayInstallation(
            GatewayInstallation.Plan {
                $0.redisURL = url
                $0.tenants = [plan]
            })
        let tenant = TestTenant(id: plan.id, secretKey: plan.secretKey, client: installation.client, plan: plan)
        self.tenant = tenant
        accessToken = try await tenant.accessToken()
        let name = name
        try await eventually("Redis is found") { try await tenant.clientConnect([("name", name)]).status == 200 }
        session = try await tenant.started([("name", name)])
    }

    /// A read.
    var ping: HTTPTestRequest { .get("/customers/auth_ping").with("Authorization", accessToken) }
    /// A call that writes: the customer comes again.
    var start: HTTPTestRequest { .form("/customers/client_connect", [("api_key", tenant.id), ("name", name)]) }
    /// The customer reads the room.
    var history: HTTPTestRequest {
        .get("/customers/history_message", [("room_id", rid)]).with("Authorization", token)
    }

    /// How requests are answered, one after the other; without any, a read and a call that writes.
    func statuses(_ requests: HTTPTestRequest...) async throws -> [Int] {
        var statuses: [Int] = []
        for request in requests.isEmpty ? [ping, start] : requests {
            statuses.append(try await installation.client.send(request).status)
        }
        return statuses
    }
}
