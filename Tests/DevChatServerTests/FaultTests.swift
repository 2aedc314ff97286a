import Testing

@testable import DevChatServer

@Suite("Faults")
struct FaultTests {
    private static func arm(_ chat: ChatFixture, _ fault: JSON) async {
        let reply = await chat.post("/_devchat/fault", fault)
        #expect(reply.status == 200)
    }

    private static let group: JSON = ["name": "g"]

    @Test("status, html, malformed and ratelimit replace the call")
    func replaces() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        await Self.arm(chat, ["route": "groups.create", "kind": "status", "status": 503, "count": 1])
        let status = await chat.post("groups.create", Self.group, as: gateway)
        #expect(status.status == 503)
        #expect(status.json?["success"] == false)
        await Self.arm(chat, ["route": "groups.create", "kind": "html", "count": 1])
        let html = await chat.post("groups.create", Self.group, as: gateway)
        #expect(html.status == 502)
        #expect(html.header("Content-Type") == "text/html")
        await Self.arm(chat, ["route": "groups.create", "kind": "malformed", "count": 1])
        let malformed = await chat.post("groups.create", Self.group, as: gateway)
        #expect(malformed.status == 200)
        #expect(malformed.json == nil)
        await Self.arm(chat, ["route": "groups.create", "kind": "ratelimit", "count": 1])
        let limited = await chat.post("groups.create", Self.group, as: gateway)
        #expect(limited.status == 429)
        #expect(limited.header("X-RateLimit-Remaining") == "0")
        #expect(chat.journal("room-created").isEmpty)
        #expect(await chat.post("groups.create", Self.group, as: gateway).status == 200)
    }

    @Test("created-but-400 and created-but-timeout do the call all the same")
    func doesAllTheSame() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        await Self.arm(chat, ["route": "groups.create", "kind": "created-but-400", "count": 1])
        let failed = await chat.post("groups.create", Self.group, as: gateway)
        #expect(failed.status == 400)
        #expect(failed.errorType == nil)
        await Self.arm(chat, ["route": "im.create", "kind": "created-but-timeout", "ms": 5, "count": 1])
        let silent = await chat.post("dm.create", ["username": "cust"], as: gateway)
        #expect(silent.delivery == .silence(milliseconds: 5))
        #expect(chat.journal("room-created").map { $0["type"] } == ["p", "d"])
    }

    @Test("skip spoils the n-th call, and onlyRequests counts none but a gateway's requests")
    func precise() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        await Self.arm(chat, ["route": "*", "kind": "status", "skip": 2, "count": 1, "onlyRequests": true])
        let forRequest: [String: String] = ["X-Request-Id": "r1"]
        var statuses: [Int] = []
        for number in 0..<5 {
            statuses.append(await chat.get("me", as: gateway).status)
            let name: JSON = ["name": .string("g\(number)")]
            let reply = await chat.post("groups.create", name, as: gateway, headers: forRequest)
            statuses.append(reply.status)
        }
        #expect(statuses == [200, 200, 200, 200, 200, 500, 200, 200, 200, 200])
        #expect(chat.journal("fault").map { $0["route"] } == ["groups.create"])
    }

    @Test("hang does nothing and keeps silent")
    func hangs() async throws {
        let chat = ChatFixture()
        await Self.arm(chat, ["route": "groups.create", "kind": "hang", "ms": 5, "count": 1])
        let reply = await chat.post("groups.create", Self.group, as: try chat.person())
        #expect(reply.delivery == .silence(milliseconds: 5))
        #expect(chat.journal("room-created").isEmpty)
    }

    @Test("a call that hangs is open until its silence is over, though the journal has it at once")
    func hangingIsOpen() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        await Self.arm(chat, ["route": "groups.create", "kind": "hang", "count": 1])
        let call = Task { await chat.post("groups.create", Self.group, as: gateway) }
        while chat.journal("request").isEmpty { await Task.yield() }
        #expect(await chat.get("/_devchat/calls").json?["inFlight"] == 1)
        #expect(await chat.get("/_devchat/calls").json?["total"] == 0)
        call.cancel()
        _ = await call.value
        #expect(await chat.get("/_devchat/calls").json?["inFlight"] == 0)
        #expect(await chat.get("/_devchat/calls").json?["statuses"]?["POST groups.create"] == ["0": 1])
    }

    @Test("what is undone is not in the journal")
    func undone() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        await Self.arm(chat, ["route": "groups.create", "kind": "silent-drop", "count": 1])
        #expect(await chat.post("groups.create", Self.group, as: gateway).status == 200)
        #expect(chat.journal("room-created").isEmpty)
        #expect(chat.journal("member-added").isEmpty)
        #expect(await chat.post("groups.create", Self.group, as: gateway).status == 200)
        #expect(chat.journal("room-created").count == 1)
    }

    @Test("silent-drop answers a success and does nothing; in im.create it leaves out unknown names")
    func drops() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let id = try await chat.group("g", by: gateway)
        await Self.arm(chat, ["route": "groups.invite", "kind": "silent-drop"])
        let reply = await chat.post("groups.invite", ["roomId": .string(id), "username": "cust"], as: gateway)
        #expect(reply.status == 200)
        #expect(chat.server.withWorld { $0.rooms[id]?.members.count } == 1)
        await Self.arm(chat, ["route": "im.create", "kind": "silent-drop"])
        let direct = await chat.post("im.create", ["usernames": "cust,nobody"], as: gateway)
        #expect(direct.json?["room"]?["usernames"] == ["gateway", "cust"])
    }

    @Test("tokens-undefined hits only users who never signed in")
    func tokensUndefined() async throws {
        let chat = ChatFixture { $0.createTokenSecret = "s" }
        let gateway = try chat.person()
        let body: JSON = ["userId": .string(try chat.person("cust").id), "secret": "s"]
        await Self.arm(chat, ["route": "users.createToken", "kind": "tokens-undefined"])
        let reply = await chat.post("users.createToken", body, as: gateway)
        #expect(
            reply.json == ["success": false, "error": "Cannot read properties of undefined (reading 'tokens')"])
        _ = await chat.post("login", ["user": "cust", "password": "pw-c"])
        #expect(await chat.post("users.createToken", body, as: gateway).status == 200)
    }

    @Test("a fault for every route leaves the control API alone, and clearing ends it")
    func clears() async throws {
        let chat = ChatFixture()
        await Self.arm(chat, ["route": "*", "kind": "status"])
        #expect(await chat.get("/api/info").status == 500)
        #expect(await chat.get("/_devchat/fault").json?["faults"]?.list?.count == 1)
        #expect(await chat.send("DELETE", "/_devchat/fault", nil, as: nil).status == 200)
        #expect(await chat.get("/api/info").status == 200)
    }

    @Test("a call that is held is done when the faults are cleared, or when its time is over")
    func holds() async throws {
        let chat = ChatFixture()
        await Self.arm(chat, ["route": "*", "kind": "hold", "ms": 1, "count": 1])
        #expect(await chat.get("/api/info").status == 200)
        await Self.arm(chat, ["route": "*", "kind": "hold", "ms": 3_600_000])
        async let held = chat.get("/api/info")
        while await chat.get("/_devchat/calls").json?["inFlight"]?.number != 1 { await Task.yield() }
        #expect(await chat.send("DELETE", "/_devchat/fault", nil, as: nil).status == 200)
        #expect(await held.status == 200)
        #expect(await chat.get("/api/info").status == 200)
    }

    @Test("latency adds to another fault, and both are counted down")
    func combines() {
        var book = FaultBook([
            Fault(route: "*", kind: .latency, milliseconds: 5, count: 1),
            Fault(route: "me", kind: .html, count: 2), Fault(route: "me", kind: .reset, count: 1),
        ])
        let first = book.take(route: "me")
        #expect(first.delay == 5)
        #expect(first.fault?.kind == .html)
        #expect(book.take(route: "me").fault?.kind == .html)
        #expect(book.take(route: "me").fault?.kind == .reset)
        #expect(book.armed.isEmpty)
        #expect(book.take(route: "me") == FaultPlan())
    }

    @Test("the command line form is read, and nonsense refused")
    func commandLine() {
        #expect(
            Fault(commandLine: "groups.create:latency:250:3")
                == Fault(route: "groups.create", kind: .latency, milliseconds: 250, count: 3))
        #expect(Fault(route: "*", kind: .latency, milliseconds: .max).milliseconds == 3_600_000)
        #expect(Fault(commandLine: "*:status:503") == Fault(route: "*", kind: .status, status: 503))
        #expect(Fault(commandLine: "login:reset::1") == Fault(route: "login", kind: .reset, count: 1))
        for text in [
            "login", ":reset", "login:explode", "login:status:99", "login:latency:x", "a:reset::0", "a:b:c:d:e",
        ] {
            #expect(Fault(commandLine: text) == nil)
        }
    }
}
