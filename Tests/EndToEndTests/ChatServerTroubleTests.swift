import TestSupport
import Testing

/// The chat server is away, slow, broken or busy: the caller is told which, and the daemon is unharmed.
@Suite("Chat server trouble", .serialized, .ownProcesses, .installation { $0.relaysChat = true })
struct ChatServerTroubleTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        installation = try bed.installation
        chat = installation.chat
    }

    /// Runs `body` and checks that the daemon is the same as before, and serves.
    private func unharmed(_ tenant: TestTenant, _ body: () async throws -> Void) async throws {
        let daemon = try installation.daemon
        try await body()
        try await chat.disarm()
        #expect(daemon.process.isRunning)
        let token = try await tenant.accessToken()
        let ping = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
        #expect(ping.text == #""pong""#)
        try await eventually("customers are served again", within: .seconds(15)) {
            try await tenant.clientConnect().status == 200
        }
    }

    @Test(
        "away: new sessions get 503 with Retry-After; tokens and open sessions go on; back within seconds, no restart")
    func away() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let name = someName()
        let session = try await tenant.started([("name", name)])
        let relay = try #require(installation.relay)
        try await unharmed(tenant) {
            relay.cut()
            for _ in 0..<3 { try expectError(try await tenant.clientConnect(), 503, code: "chat_server_unavailable") }
            try expectError(try await tenant.connect(someName(), token: try await tenant.accessToken()), 503)
            let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
            try expectError(try await tenant.history(rid, token: token), 503)
            try expectError(try await tenant.transfer(rid, token: token), 503)
            #expect(try await tenant.started([("name", name)])["rid"] == session["rid"])
            try relay.mend()
        }
        // Each loop finds out for itself that the chat server is back.
        try await eventually("the history is read again", within: .seconds(5)) {
            try await tenant.history(session["rid"].string ?? "", token: session["token"].string ?? "").status == 200
        }
    }

    @Test("a close that the chat server's absence cut short is finished by the same call again")
    func closeCutShort() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let relay = try #require(installation.relay)
        try await unharmed(tenant) {
            relay.cut()
            try expectError(try await tenant.shutdown(rid, token: token), 503)
            try relay.mend()
            try await eventually("the room can be closed", within: .seconds(15)) {
                try await tenant.shutdown(rid, token: token).status == 200
            }
        }
        #expect(try await chat.room(rid) == nil)
    }

    @Test(
        "each way to fail has its status, on every call of the chat server",
        arguments: [
            ("users.create", "status", 500, 503), ("users.create", "status", 503, 503),
            ("groups.create", "status", 500, 503), ("groups.create", "html", 502, 503),
            ("groups.create", "html", 200, 502),
            ("groups.create", "malformed", 200, 502), ("groups.create", "ratelimit", 429, 503),
            ("groups.create", "reset", 0, 503), ("users.create", "malformed", 200, 502),
            ("users.create", "reset", 0, 503),
            ("users.create", "ratelimit", 429, 503), ("login", "status", 500, 503), ("login", "malformed", 200, 502),
            ("login", "ratelimit", 429, 503),
        ])
    func failures(route: String, kind: String, status: Int, expected: Int) async throws {
        let tenant = try await bed.tenant()
        try await unharmed(tenant) {
            var fault: [String: HTTPTestJSON] = ["route": .string(route), "kind": .string(kind)]
            if kind == "status" || kind == "html" { fault["status"] = .number(Double(status)) }
            try await chat.arm(.object(fault))
            let reply = try await tenant.clientConnect()
            try expectError(reply, expected)
            // The chat server's own answer is not passed on.
            #expect(!reply.text.lowercased().contains("<html") && !reply.text.contains("Internal server error"))
        }
    }

    @Test("an answer that breaks off in the middle is a 502 or 503, and what was made is found again")
    func truncated() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        try await unharmed(tenant) {
            for route in ["users.create", "groups.create"] {
                try await chat.arm(["route": .string(route), "kind": "truncate", "count": 1])
                let reply = try await tenant.clientConnect([("name", name)])
                // An account is looked for when its creation is in doubt; then all is well at once.
                #expect([200, 502, 503].contains(reply.status), "\(reply)")
                if reply.status != 200 { try expectError(reply, reply.status) }
            }
        }
        let answer = try await tenant.started([("name", name)])
        let rooms = try await chat.rooms().filter { $0["name"].string?.contains(name) == true }
        #expect(rooms.count == 1)
        #expect(rooms.first?["_id"] == answer["rid"])
    }

    @Test("too slow: 504 after 10 s, and the next call is served")
    func slow() async throws {
        let tenant = try await bed.tenant()
        try await unharmed(tenant) {
            try await chat.arm(["route": "groups.create", "kind": "latency", "ms": 13_000, "count": 1])
            try expectError(try await tenant.clientConnect(), 504, code: "chat_server_timeout")
        }
    }

    @Test("one slow call holds up nobody else")
    func slowOne() async throws {
        let tenant = try await bed.tenant()
        try await chat.arm(["route": "groups.create", "kind": "latency", "ms": 4_000, "count": 1])
        let client = bed.client
        async let slow = tenant.clientConnect()
        try await eventually("the slow call is on its way") {
            try await chat.events().last { $0["path"] == "/api/v1/users.create" } != nil
        }
        let finished = WaitableState(0)
        let token = try await tenant.accessToken()
        for _ in 0..<20 {
            let ping = try await client.send(.get("/customers/auth_ping").with("Authorization", token))
            #expect(ping.status == 200)
            finished.change { $0 += 1 }
        }
        #expect(finished.now == 20)
        #expect(try await slow.status == 200)
    }

    @Test("an account that was made although the answer was an error is found again")
    func createdBut400() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        try await unharmed(tenant) {
            try await chat.arm(["route": "users.create", "kind": "created-but-400", "count": 1])
            let mark = try await chat.mark()
            let answer = try await tenant.started([("name", name)])
            let created = try await chat.events(after: mark).filter {
                $0["kind"] == "user-created" && $0["id"] == answer["id"]
            }
            #expect(created.count == 1)
        }
    }

    @Test("a token that the chat server took back is replaced, once")
    func revokedToken() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let username = try #require(
            try await chat.members(of: rid).first { $0 != "gateway" && $0 != tenant.plan.agents[0].username })
        try await chat.revokeTokens(of: username)
        #expect(try await tenant.history(rid, token: token).status == 200)
        // From now on it opens nothing here either, and buys no live one.
        try expectError(try await tenant.history(rid, token: token), 401, "unauthorized")
        #expect(try await tenant.started(token: token)["id"] != session["id"])
    }

    @Test("a customer whose account an admin deleted gets another one, with client_connect and with connect")
    func deletedAccount() async throws {
        let tenant = try await bed.tenant()
        let accessToken = try await tenant.accessToken()
        let first = try await tenant.started([("name", "小明")])
        #expect(try await tenant.shutdown(first["rid"].string ?? "", token: accessToken).status == 200)
        try await chat.deleteUser(first["id"].string ?? "")
        let second = try await tenant.started([("name", "小明")])
        #expect(second["id"] != first["id"] && second["user_id"] == first["user_id"])
        let token = second["token"].string ?? ""
        #expect(try await tenant.history(second["rid"].string ?? "", token: token).status == 200)

        let connected = try await tenant.connected("ann")
        #expect(try await tenant.shutdown(connected["rid"].string ?? "", token: accessToken).status == 200)
        try await chat.deleteUser(connected["im"]["_id"].string ?? "")
        let again = try await tenant.connected("ann")
        #expect(again["im"]["_id"] != connected["im"]["_id"] && again["im"]["username"] == connected["im"]["username"])
    }

    @Test("the gateway's own sign-in that the chat server took back is renewed, once for all")
    func serviceToken() async throws {
        let tenant = try await bed.tenant()
        _ = try await tenant.started()
        try await chat.revokeTokens(of: "gateway")
        let mark = try await chat.mark()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<12 { group.addTask { try await tenant.clientConnect().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
        let logins = try await chat.events(after: mark).count {
            $0["kind"] == "token-minted" && $0["user"] == "gateway"
        }
        // One for each of the daemon's loops at most.
        #expect((1...2).contains(logins))
    }
}
