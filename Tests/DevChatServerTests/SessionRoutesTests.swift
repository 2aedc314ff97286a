import Testing

@testable import DevChatServer

@Suite("Signing in and out")
struct SessionRoutesTests {
    private static let login = """
        {"status":"success","data":{"userId":"x","authToken":"x","me":{"_id":"x","username":"svc","name":"Service",
        "status":"online","roles":["admin"],"emails":[{"address":"s@x.tld","verified":true}],"active":true,
        "utcOffset":0,"avatarUrl":"x","settings":{"preferences":{}}}},"success":true}
        """

    @Test("login answers what the sheet shows, and its token works")
    func signsIn() async {
        let chat = ChatFixture()
        let reply = await chat.post("login", ["user": "agent.a", "password": "pw-a"])
        #expect(reply.status == 200)
        #expect(Shape.missing(reply.json, from: Self.login) == [])
        let data = reply.json?["data"]
        let person = ChatFixture.Person(
            id: data?["userId"]?.text ?? "", username: "agent.a", token: data?["authToken"]?.text ?? "")
        let me = await chat.get("me", as: person)
        #expect(me.json?["username"] == "agent.a")
        #expect(me.json?["success"] == true)
        #expect(me.json?["email"] == "a@x.tld")
    }

    @Test("band 6 has no success in a login")
    func oldLogin() async {
        let reply = await ChatFixture(band: .six).post("login", ["user": "agent.a", "password": "pw-a"])
        #expect(reply.json?["status"] == "success")
        #expect(reply.json?["success"] == nil)
    }

    @Test("address, name in other case, digest and resume all sign in", arguments: 0..<4)
    func ways(_ way: Int) async throws {
        let chat = ChatFixture()
        let token = try chat.person("agent.a").token
        let bodies: [JSON] = [
            ["user": "A@x.tld", "password": "pw-a"], ["username": "AGENT.A", "password": "pw-a"],
            [
                "user": "agent.a",
                "password": ["digest": .string(SHA256.hexadecimal("pw-a")), "algorithm": "sha-256"],
            ], ["resume": .string(token)],
        ]
        let reply = await chat.post("login", bodies[way])
        #expect(reply.status == 200)
        if way == 3 { #expect(reply.json?["data"]?["authToken"] == .string(token)) }
    }

    @Test("a wrong password is 401; its error is a number on band 7 and a text on band 8")
    func wrongPassword() async {
        let body: JSON = ["user": "agent.a", "password": "no"]
        let seven = await ChatFixture(band: .seven).post("login", body)
        let eight = await ChatFixture(band: .eight).post("login", body)
        let nine = await ChatFixture(band: .nine).post("login", body)
        #expect([seven.status, eight.status, nine.status] == [401, 401, 401])
        #expect(seven.json?["error"] == 403)
        #expect(
            eight.json == ["success": false, "status": "error", "error": "Unauthorized", "message": "Unauthorized"])
        #expect(nine.json == ["success": false, "error": "unauthorized"])
    }

    @Test("an unknown user, an extra key and an empty body are 401")
    func refusals() async {
        let chat = ChatFixture()
        for body: JSON in [
            ["user": "nobody", "password": "x"], ["user": "agent.a", "password": "pw-a", "extra": 1], [:],
        ] {
            #expect(await chat.post("login", body).status == 401)
        }
    }

    @Test("a deactivated user cannot sign in, and the old tokens are worthless")
    func deactivated() async throws {
        let chat = ChatFixture()
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        let off = await chat.post(
            "users.setActiveStatus", ["userId": .string(agent.id), "activeStatus": false], as: gateway)
        #expect(off.json == ["user": ["_id": .string(agent.id), "active": false], "success": true])
        #expect(await chat.get("me", as: agent).status == 401)
        let login = await chat.post("login", ["user": "agent.a", "password": "pw-a"])
        #expect(login.json?["error"] == "error-user-is-not-activated")
    }

    @Test("logout ends only the token that was shown")
    func signsOut() async throws {
        let chat = ChatFixture()
        let (first, second) = (try chat.person("agent.a"), try chat.person("agent.a"))
        let reply = await chat.post("logout", as: first)
        #expect(reply.json == ["status": "success", "data": ["message": "You've been logged out!"]])
        #expect(await chat.get("me", as: first).status == 401)
        #expect(await chat.get("me", as: second).status == 200)
    }

    @Test("the 51st login drops the first")
    func capsTokens() async throws {
        let chat = ChatFixture()
        let all = try (0..<51).map { _ in try chat.person("agent.a") }
        #expect(await chat.get("me", as: all[0]).status == 401)
        #expect(await chat.get("me", as: all[1]).status == 200)
    }

    @Test("a token with another user's id, or with one header missing, is 401 in the band's words")
    func mismatch() async throws {
        let text: JSON = "You must be logged in to do this."
        let bodies: [(VersionBand, JSON)] = [
            (.six, ["status": "error", "message": text]),
            (.eight, ["success": false, "error": text, "status": "error", "message": text]),
            (.nine, ["success": false, "error": text]),
        ]
        for (band, body) in bodies {
            let chat = ChatFixture(band: band)
            var thief = try chat.person("agent.a")
            thief.id = try chat.person("agent.b").id
            let reply = await chat.get("me", as: thief)
            #expect(reply.status == 401)
            #expect(reply.json == body)
            #expect(await chat.get("me", headers: ["X-Auth-Token": thief.token]).status == 401)
        }
    }
}
