import Testing

@testable import DevChatServer

@Suite("Making and changing users")
struct AccountRoutesTests {
    private static let created = """
        {"user":{"_id":"x","createdAt":"x","username":"cust-42","emails":[{"address":"x","verified":true}],
        "type":"user","status":"offline","active":true,"roles":["user"],"name":"Customer 42","settings":{},
        "_updatedAt":"x"},"success":true}
        """

    private static func body(_ changes: [String: JSON] = [:]) -> JSON {
        .object(
            [
                "name": "Customer 42", "email": "c42@x.tld", "password": "secret", "username": "cust-42",
                "verified": true, "joinDefaultChannels": false,
            ].merging(changes) { $1 })
    }

    @Test("users.create answers exactly the sheet's shape, and the password works")
    func creates() async throws {
        let chat = ChatFixture()
        let reply = await chat.post("users.create", Self.body(), as: try chat.person())
        #expect(reply.status == 200)
        #expect(Shape.missing(reply.json, from: Self.created) == [])
        #expect(Shape.surplus(reply.json, over: Self.created) == [])
        #expect(await chat.post("login", ["user": "cust-42", "password": "secret"]).status == 200)
        #expect(chat.journal("user-created").last?["user"] == "cust-42")
    }

    @Test("without joinDefaultChannels the user is in GENERAL")
    func joinsDefault() async throws {
        let chat = ChatFixture()
        let body = Self.body(["joinDefaultChannels": true])
        let reply = await chat.post("users.create", body, as: try chat.person())
        let id = reply.json?["user"]?["_id"]?.text ?? ""
        #expect(chat.server.withWorld { $0.rooms["GENERAL"]?.members[id] } != nil)
    }

    @Test("a taken name, in whatever case, and a taken address name the value in details.field")
    func clashes() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let name = await chat.post("users.create", Self.body(["username": "AGENT.A"]), as: gateway)
        #expect(
            name.json == [
                "success": false, "error": "AGENT.A is already in use :( [error-field-unavailable]",
                "errorType": "error-field-unavailable",
                "details": ["method": "insertOrUpdateUser", "field": "AGENT.A"],
            ])
        let email = await chat.post("users.create", Self.body(["email": "A@X.tld"]), as: gateway)
        #expect(email.errorType == "error-field-unavailable")
        #expect(email.json?["details"]?["field"] == "A@X.tld")
    }

    @Test("unknown keys and missing keys are refused, kinds are coerced")
    func schema() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let unknown = await chat.post("users.create", Self.body(["bogus": 1]), as: gateway)
        #expect(
            unknown.json == [
                "success": false, "error": "must NOT have additional properties", "errorType": "invalid-params",
            ])
        let missing = await chat.post("users.create", ["name": "x"], as: gateway)
        #expect(missing.error?.contains("must have required property") == true)
        let coerced = await chat.post("users.create", Self.body(["verified": "true", "password": 5]), as: gateway)
        #expect(coerced.status == 200)
        #expect(await chat.post("login", ["user": "cust-42", "password": "5"]).status == 200)
    }

    @Test("a malformed body counts as an empty one")
    func malformed() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let reply = await chat.server.answer(
            ChatRequest(
                "POST", "/api/v1/users.create",
                headers: [
                    "x-auth-token": gateway.token, "X-USER-ID": gateway.id, "content-type": "application/json",
                ], body: Array("{".utf8)))
        #expect(reply.status == 400)
        #expect(reply.error?.contains("must have required property") == true)
    }

    @Test(
        "names that Rocket.Chat refuses are refused",
        arguments: [
            (["username": "no spaces"], "error-input-is-not-a-valid-field"),
            (["username": "客户"], "error-input-is-not-a-valid-field"), (["username": "all"], "error-blocked-username"),
            (["username": " "], "error-the-field-is-required"), (["roles": ["king"]], "error-action-not-allowed"),
            (["email": "nonsense"], "error-invalid-email"),
        ] as [([String: JSON], String)])
    func refuses(_ changes: [String: JSON], _ code: String) async throws {
        let chat = ChatFixture()
        let reply = await chat.post("users.create", Self.body(changes), as: try chat.person())
        #expect(reply.status == 400)
        #expect(reply.errorType == code)
    }

    @Test(
        "a display name with markup or a broken escape is refused without errorType", arguments: ["<b>", "a/b", "5%"])
    func displayName(_ name: String) async throws {
        let chat = ChatFixture()
        let reply = await chat.post("users.create", Self.body(["name": .string(name)]), as: try chat.person())
        #expect(reply.json == ["success": false, "error": "Name contains invalid characters"])
    }

    @Test("a Chinese display name is welcome")
    func chineseName() async throws {
        let chat = ChatFixture()
        let reply = await chat.post("users.create", Self.body(["name": "苏州消防栓"]), as: try chat.person())
        #expect(reply.json?["user"]?["name"] == "苏州消防栓")
    }

    @Test("without the permission the refusal is 400, not 403")
    func forbidden() async throws {
        let chat = ChatFixture()
        let reply = await chat.post("users.create", Self.body(), as: try chat.person("agent.a"))
        #expect(reply.status == 400)
        #expect(reply.error == "Adding user is not allowed [error-action-not-allowed]")
        #expect(reply.json?["details"]?["action"] == "Adding_user")
    }

    @Test("createToken on band 8 wants userId and the secret, nothing else; the token works")
    func createsToken() async throws {
        let chat = ChatFixture { $0.createTokenSecret = "s3" }
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        let reply = await chat.post("users.createToken", ["userId": .string(agent.id), "secret": "s3"], as: gateway)
        let data = reply.json?["data"]
        #expect(data?["userId"] == .string(agent.id))
        let minted = ChatFixture.Person(id: agent.id, username: "", token: data?["authToken"]?.text ?? "")
        #expect(await chat.get("me", as: minted).status == 200)
        let wrong = await chat.post("users.createToken", ["userId": .string(agent.id), "secret": "x"], as: gateway)
        #expect(wrong.error == "Not authorized [error-not-authorized]")
        let strict = await chat.post(
            "users.createToken", ["username": "agent.a", "userId": .string(agent.id), "secret": "s3"], as: gateway)
        #expect(strict.errorType == "invalid-params")
        let powerless = await chat.post(
            "users.createToken", ["userId": .string(gateway.id), "secret": "s3"], as: agent)
        #expect(powerless.errorType == "error-not-authorized")
    }

    @Test("createToken without the server's secret is refused; band 7 takes a username and ignores the secret")
    func tokenGates() async throws {
        let off = ChatFixture()
        let gateway = try off.person()
        let refused = await off.post(
            "users.createToken", ["userId": .string(gateway.id), "secret": "x"], as: gateway)
        #expect(refused.errorType == "error-not-authorized")
        let seven = ChatFixture(band: .seven) { $0.createTokenSecret = "s3" }
        let reply = await seven.post(
            "users.createToken", ["username": "agent.a", "secret": "other"], as: try seven.person())
        #expect(reply.status == 200)
        let sevenOff = ChatFixture(band: .seven)
        let no = await sevenOff.post("users.createToken", ["username": "agent.a"], as: try sevenOff.person())
        #expect(no.status == 400)
    }

    @Test("deleting a sole owner wants confirmation, then removes lonely rooms and hands over the others")
    func deletes() async throws {
        let chat = ChatFixture()
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        let lonely = try await chat.group("lonely", by: agent)
        let shared = try await chat.group("shared", ["cust"], by: agent)
        let refused = await chat.post("users.delete", ["userId": .string(agent.id)], as: gateway)
        #expect(refused.error == "[user-last-owner]")
        #expect(refused.errorType == "user-last-owner")
        #expect(refused.json?["details"] == ["shouldBeRemoved": ["lonely"], "shouldChangeOwner": ["shared"]])
        let reply = await chat.post(
            "users.delete", ["userId": .string(agent.id), "confirmRelinquish": true], as: gateway)
        #expect(reply.json == ["deletedRooms": [.string(lonely)], "success": true])
        let heir = try chat.person("cust").id
        #expect(chat.server.withWorld { $0.rooms[shared]?.owners } == [heir])
        #expect(await chat.get("users.info?username=agent.a", as: gateway).error == "User not found.")
    }

    @Test("deleting without the permission is 403 in the route's words")
    func deleteForbidden() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        let reply = await chat.post("users.delete", ["userId": .string(agent.id)], as: agent)
        #expect(reply.status == 403)
        #expect(
            reply.json == [
                "success": false,
                "error": "User does not have the permissions required for this action [error-unauthorized]",
            ])
    }
}
