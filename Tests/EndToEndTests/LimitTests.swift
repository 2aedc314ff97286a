import TestSupport
import Testing

/// How often `client_connect` may be called: by address and by tenant, over the whole fleet. By the hour, so that no
/// slow machine gets a call back in between.
@Suite(
    "Limits", .ownProcesses,
    .installation {
        $0.daemons = 2
        $0.configuration.perAddress = "5/h"
        $0.configuration.perTenant = "12/h"
    })
struct LimitTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    /// Addresses that no other test uses.
    private static let addresses = WaitableState(0)

    private func address() -> String {
        let number = Self.addresses.change { count in
            count += 1
            return count
        }
        return "198.18.\(number / 250).\(number % 250 + 1)"
    }

    private func statuses(_ count: Int, _ tenant: TestTenant, from address: () -> String) async throws -> [Int] {
        var statuses: [Int] = []
        for _ in 0..<count { statuses.append(try await tenant.clientConnect(from: address()).status) }
        return statuses
    }

    @Test("a bucket starts full: N calls of one address at once, then 429 with Retry-After; resumes count too")
    func perAddress() async throws {
        let tenant = try await bed.tenant()
        let address = address()
        #expect(try await statuses(5, tenant, from: { address }) == [200, 200, 200, 200, 200])
        let reply = try await tenant.clientConnect(from: address)
        try expectError(reply, 429, "too many requests")
        let seconds = try #require(reply.header("retry-after").flatMap { Int($0) })
        #expect((1...720).contains(seconds))

        let other = self.address()
        let session = try success(try await tenant.clientConnect(from: other))
        for _ in 0..<4 {
            let resumed = try await tenant.clientConnect(token: session["token"].string, from: other)
            #expect(try success(resumed)["resumed"] == true)
        }
        #expect(try await tenant.clientConnect(token: session["token"].string, from: other).status == 429)
    }

    @Test("the limit by address is one for all tenants, the limit by tenant one for all addresses")
    func perTenant() async throws {
        let (one, two) = (try await bed.tenant(), try await bed.tenant())
        let address = address()
        _ = try await statuses(5, one, from: { address })
        #expect(try await two.clientConnect(from: address).status == 429)
        // 5 calls were counted for the first tenant; 7 more fit.
        #expect(try await statuses(8, one, from: { self.address() }) == [200, 200, 200, 200, 200, 200, 200, 429])
        #expect(try await two.clientConnect(from: self.address()).status == 200)
    }

    @Test("an IPv6 caller is counted by the /64 that one customer owns")
    func ipv6() async throws {
        let tenant = try await bed.tenant()
        let network = "2001:db8:\(String(Int.random(in: 1...0xFFFE), radix: 16)):7"
        for host in ["::1", "::2", "::ffff", ":1:2:3:4", ":dead:beef:0:1"] {
            #expect(try await tenant.clientConnect(from: network + host).status == 200)
        }
        #expect(try await tenant.clientConnect(from: network + ":9:9:9:9").status == 429)
        #expect(try await tenant.clientConnect(from: String(network.dropLast()) + "8::1").status == 200)
    }

    @Test("other calls are not limited")
    func others() async throws {
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        for _ in 0..<20 {
            let reply = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
            #expect(reply.status == 200)
        }
    }

    @Test("a call that is refused for another reason than its number has an answer of its own")
    func order() async throws {
        let tenant = try await bed.tenant()
        let address = address()
        _ = try await statuses(6, tenant, from: { address })
        let request = HTTPTestRequest.form("/customers/client_connect", []).with("X-Forwarded-For", address)
        try expectInvalid(try await bed.client.send(request), ["api_key"])
    }
}

/// What identifies a caller is counted instead of their address; what fails is counted, what succeeds is not refused
/// for it.
@Suite(
    "Limits by identity", .ownProcesses,
    .installation {
        $0.configuration.perAddress = "3/h"
        $0.configuration.limitLines = [
            "client_connect_per_customer: 6/h", "failed_per_ip: 5/h", "transfers_per_room: 2/10min",
        ]
    })
struct IdentityLimitTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    @Test("a customer with a token is served although an abuser has used up the address's calls")
    func holder() async throws {
        let tenant = try await bed.tenant()
        let address = "198.19.1.1"
        let session = try success(try await tenant.clientConnect(from: address))
        for _ in 0..<9 { _ = try await tenant.clientConnect(from: address) }
        #expect(try await tenant.clientConnect(from: address).status == 429)
        for _ in 0..<5 {
            let reply = try await tenant.clientConnect(token: session["token"].string, from: address)
            #expect(try success(reply)["rid"] == session["rid"])
        }
        try expectError(
            try await tenant.clientConnect(token: session["token"].string, from: address), 429, "too many requests")
    }

    @Test("who tries tokens, keys or rooms is told to stop; good calls from the same address are answered")
    func failures() async throws {
        let tenant = try await bed.tenant()
        let good = try await tenant.accessToken()
        let session = try success(try await tenant.clientConnect(from: "198.19.2.9"))
        let address = "198.19.2.1"
        func send(_ request: HTTPTestRequest, _ token: String?) async throws -> HTTPTestReply {
            try await bed.client.send(request.with("Authorization", token).with("X-Forwarded-For", address))
        }
        let guesses: [(HTTPTestRequest, String?)] = [
            (.get("/customers/auth_ping"), "a.b.c"), (.get("/customers/history_message", [("room_id", "x")]), "guess"),
            (.get("/managers/access_token", [("apiKey", someName()), ("signature", "x")]), nil),
        ]
        for (request, token) in guesses {
            var refused = try await send(request, token)
            try await eventually("guesses are refused") {
                refused = try await send(request, token)
                return refused.status == 429
            }
            // This answer and not the next one's, which may be of a loop that has yet to learn it.
            try expectError(refused, 429, "too many requests")
            #expect((1...720).contains(refused.header("retry-after").flatMap { Int($0) } ?? 0))
        }
        for _ in 0..<20 { #expect(try await send(.get("/customers/auth_ping"), good).status == 200) }
        let history = HTTPTestRequest.get("/customers/history_message", [("room_id", session["rid"].string ?? "")])
        #expect(try await send(history, session["token"].string).status == 200)
        // A customer who looks for others' rooms is counted by their token.
        let probe = HTTPTestRequest.get("/customers/history_message", [("room_id", someName())])
        #expect(try await send(probe, session["token"].string).status == 404)
        try await eventually("the customer is refused") { try await send(probe, session["token"].string).status == 429 }
        #expect(try await send(history, session["token"].string).status == 200)
    }

    @Test("a room is handed on so often, then 429; it stays where it is")
    func transfers() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try success(try await tenant.clientConnect(from: "198.19.3.1"))
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        for _ in 0..<2 { #expect(try await tenant.transfer(rid, token: token).status == 200) }
        let members = try await bed.installation.chat.members(of: rid)
        try expectError(try await tenant.transfer(rid, token: token), 429, "too many requests")
        #expect(try await bed.installation.chat.members(of: rid) == members)
    }
}

/// Without a trusted load balancer nobody but nginx says where a caller is.
@Suite(
    "Limits without a load balancer", .ownProcesses,
    .installation {
        $0.trustsForwardedFor = false
        $0.configuration.perAddress = "3/h"
    })
struct ForgedAddressTests {
    @Test("X-Forwarded-For does not change the address that counts")
    func forged() async throws {
        let tenant = try await TestBed.current.tenant()
        var statuses: [Int] = []
        for number in 1...4 {
            statuses.append(try await tenant.clientConnect(from: "198.51.100.\(number)").status)
        }
        #expect(statuses == [200, 200, 200, 429])
    }
}
