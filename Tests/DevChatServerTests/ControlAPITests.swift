import Testing

@testable import DevChatServer

@Suite("Control API and journal")
struct ControlAPITests {
    @Test("the journal keeps requests in order, with user and status, and no secret")
    func journal() async throws {
        let chat = ChatFixture()
        let reply = await chat.post("login", ["user": "agent.a", "password": "pw-a"], headers: ["X-Request-Id": "r1"])
        let token = reply.json?["data"]?["authToken"]?.text ?? ""
        _ = await chat.post("login", ["resume": .string(token)])
        _ = await chat.get("no.such")
        let requests = chat.journal("request")
        #expect(requests.map { $0["status"] } == [200, 200, 404])
        #expect(requests.first?["path"] == "/api/v1/login")
        #expect(requests.first?["requestId"] == "r1")
        let everything = await chat.get("/_devchat/journal").json?.written ?? ""
        #expect(everything.contains("agent.a"))
        #expect(!everything.contains("pw-a"))
        #expect(!everything.contains(token))
    }

    @Test("after leaves out what was seen; count bounds a page")
    func pages() async throws {
        let chat = ChatFixture()
        _ = try await chat.group("g", ["cust"], by: try chat.person())
        let first = await chat.get("/_devchat/journal?count=3")
        let next = first.json?["next"]?.number ?? 0
        #expect(first.json?["events"]?.list?.count == 3)
        #expect(next == 3)
        let rest = await chat.get("/_devchat/journal?after=\(next)")
        #expect(rest.json?["events"]?.list?.first?["n"] == 4)
        #expect(rest.json?["next"] == rest.json?["last"])
    }

    @Test("the journal can be asked for some kinds, and says what it has dropped")
    func kinds() async throws {
        let chat = ChatFixture()
        _ = try await chat.group("g", ["cust"], by: try chat.person())
        let page = await chat.get("/_devchat/journal?kinds=room-created,member-added").json
        #expect(page?["events"]?.list?.map { $0["kind"] } == ["room-created", "member-added", "member-added"])
        #expect(page?["events"]?.list?.allSatisfy { $0["ms"]?.number != nil } == true)
        #expect(page?["next"] == page?["last"])
        #expect(page?["first"] == 1)
        var journal = Journal(limit: 3)
        #expect(journal.oldest == 1)
        for _ in 0..<10 { journal.record("x", at: Timestamp(milliseconds: 0), [:]) }
        #expect(journal.oldest == 8)
    }

    @Test("a full journal drops its oldest entries and keeps its numbers")
    func bounded() {
        var journal = Journal(limit: 3)
        for _ in 0..<10 { journal.record("x", at: Timestamp(milliseconds: 0), [:]) }
        #expect(journal.entries(after: 0, count: 99).map(\.number) == [8, 9, 10])
        #expect(journal.entries(after: 9, count: 99).map(\.number) == [10])
        #expect(journal.entries(after: 10, count: 99).isEmpty)
        #expect(journal.entries(after: .max, count: .max).isEmpty)
        #expect(journal.entries(after: .min, count: .max).count == 3)
    }

    @Test("waiting for the journal ends with the next event")
    func waits() async throws {
        let chat = ChatFixture()
        let last = await chat.get("/_devchat/journal").json?["last"]?.number ?? 0
        async let waited = chat.get("/_devchat/journal?after=\(last)&wait=60000")
        _ = await chat.get("/api/info")
        #expect(await waited.json?["events"]?.list?.first?["path"] == "/api/info")
    }

    @Test("calls are counted by route and status, none open afterwards")
    func calls() async throws {
        let chat = ChatFixture()
        for _ in 0..<3 { _ = await chat.get("me", as: try chat.person()) }
        _ = await chat.get("me")
        let counts = await chat.get("/_devchat/calls").json
        #expect(counts?["calls"] == ["GET me": 4])
        #expect(counts?["statuses"]?["GET me"] == ["200": 3, "401": 1])
        #expect(counts?["inFlight"] == 0)
        #expect(counts?["peakInFlight"] == 1)
        _ = await chat.send("DELETE", "/_devchat/calls", nil, as: nil)
        #expect(await chat.get("/_devchat/calls").json?["total"] == 0)
    }

    @Test("seeded users can sign in; a taken name is refused")
    func users() async {
        let chat = ChatFixture()
        let body: JSON = ["username": "agent.z", "password": "pw", "email": "z@x.tld", "status": "online"]
        let reply = await chat.post("/_devchat/users", body)
        #expect(reply.json?["users"]?.list?.first?["status"] == "online")
        #expect(await chat.post("login", ["user": "agent.z", "password": "pw"]).status == 200)
        #expect(await chat.post("/_devchat/users", body).status == 400)
        #expect(await chat.post("/_devchat/users", ["name": "x"]).status == 400)
    }

    @Test("presence can be pinned and left to the websockets again")
    func presence() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        _ = await chat.post("/_devchat/presence", ["username": "agent.a", "status": "busy"])
        #expect(await chat.get("users.getPresence", as: agent).json?["presence"] == "busy")
        _ = await chat.post("/_devchat/presence", ["username": "agent.a", "status": "auto"])
        #expect(await chat.get("users.getPresence", as: agent).json?["presence"] == "offline")
        #expect(await chat.post("/_devchat/presence", ["username": "agent.a", "status": "x"]).status == 400)
    }

    @Test("revoking ends every token of the user; reset forgets everything")
    func revokesAndResets() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        #expect(await chat.post("/_devchat/revoke", ["username": "agent.a"]).status == 200)
        #expect(await chat.get("me", as: agent).status == 401)
        let users = await chat.get("/_devchat/users").json?["users"]?.list
        #expect(users?.first { $0["username"] == "agent.a" }?["tokens"] == 0)
        _ = try await chat.group("g", by: try chat.person())
        _ = await chat.post("/_devchat/reset")
        #expect(await chat.get("/_devchat/rooms").json?["rooms"]?.list?.map { $0["name"] } == ["general"])
        #expect(await chat.post("login", ["user": "agent.a", "password": "pw-a"]).status == 200)
    }
}
