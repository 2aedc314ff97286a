import Testing

@testable import DevChatServer

@Suite("Checks before a route")
struct RoutePipelineTests {
    @Test("a bad body without a token is 401 on band 8 and 400 on band 7")
    func order() async {
        #expect(await ChatFixture(band: .eight).post("users.setActiveStatus", ["x": 1]).status == 401)
        #expect(await ChatFixture(band: .seven).post("users.setActiveStatus", ["x": 1]).status == 400)
    }

    @Test("a bad body without the permission is 403 on band 8 and 400 on band 7")
    func permissionOrder() async throws {
        for (band, status) in [(VersionBand.eight, 403), (.seven, 400)] {
            let chat = ChatFixture(band: band)
            let agent = try chat.person("agent.a")
            #expect(await chat.post("users.setActiveStatus", ["x": 1], as: agent).status == status)
        }
    }

    @Test("the legacy form of a schema error carries its code in the text, the typed form does not")
    func schemaForms() async throws {
        let seven = ChatFixture(band: .seven)
        let legacy = await seven.post("users.create", [:], as: try seven.person())
        #expect(legacy.error?.hasSuffix("[invalid-params]") == true)
        let eight = ChatFixture()
        let typed = await eight.post("users.create", [:], as: try eight.person())
        #expect(typed.error?.contains("[") == false)
        #expect(typed.errorType == "invalid-params")
        let query = await eight.get("chat.getMessage", as: try eight.person())
        #expect(query.errorType == "error-invalid-params")
    }

    @Test("the eleventh call of a minute is 429 with three headers; the next minute is free")
    func limits() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        for left in stride(from: 9, through: 0, by: -1) {
            let reply = await chat.get("me", as: customer)
            #expect(reply.status == 200)
            #expect(reply.header("x-ratelimit-remaining") == String(left))
        }
        chat.clock.advance(18_000)
        let refused = await chat.get("me", as: customer)
        #expect(refused.status == 429)
        let text =
            "Error, too many requests. Please slow down. You must wait 42 seconds before trying this endpoint again. "
            + "[error-too-many-requests]"
        #expect(refused.json == ["success": false, "error": .string(text)])
        #expect(refused.header("X-RateLimit-Limit") == "10")
        #expect(refused.header("X-RateLimit-Reset") == String(chat.clock.now.milliseconds + 42_000))
        #expect(refused.header("Retry-After") == nil)
        chat.clock.advance(42_000)
        #expect(await chat.get("me", as: customer).status == 200)
    }

    @Test("the limit is per route, method and address, and shared by all users behind one address")
    func limitKeys() async throws {
        let chat = ChatFixture { $0.rateLimit = 1 }
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        #expect(await chat.get("me", as: customer).status == 200)
        #expect(await chat.get("me", as: agent).status == 429)
        #expect(await chat.get("users.getPresence", as: agent).status == 200)
        #expect(await chat.send("GET", "me", nil, as: agent, from: "10.0.0.9").status == 200)
    }

    @Test("behind a trusted proxy the address is the forwarded one")
    func forwarded() async throws {
        let chat = ChatFixture {
            $0.rateLimit = 1
            $0.forwardedCount = 1
        }
        let customer = try chat.person("cust")
        for address in ["1.1.1.1", "9.9.9.9, 2.2.2.2"] {
            #expect(await chat.get("me", as: customer, headers: ["X-Forwarded-For": address]).status == 200)
        }
        let again = await chat.get("me", as: customer, headers: ["X-Forwarded-For": "8.8.8.8, 2.2.2.2"])
        #expect(again.status == 429)
    }

    @Test("admins bypass it, without headers; login is never bypassed")
    func bypass() async throws {
        let chat = ChatFixture { $0.rateLimit = 1 }
        let gateway = try chat.person()
        for _ in 0..<3 {
            let reply = await chat.get("me", as: gateway)
            #expect(reply.status == 200)
            #expect(reply.header("X-RateLimit-Limit") == nil)
        }
        let login: JSON = ["user": "gateway", "password": "gateway"]
        #expect(await chat.post("login", login).status == 200)
        #expect(await chat.post("login", login).status == 429)
    }

    @Test("refusals are 403 with one errorType on band 9")
    func refusalsOnNine() async throws {
        let chat = ChatFixture(band: .nine) { $0.createTokenSecret = "s" }
        let gateway = try chat.person()
        let reply = await chat.post("users.createToken", ["userId": .string(gateway.id), "secret": "x"], as: gateway)
        #expect(reply.status == 403)
        #expect(reply.errorType == "error-forbidden")
    }

    @Test("an unknown route is 404, a wrong method 405; replies are JSON and not to be cached")
    func unknown() async throws {
        let chat = ChatFixture()
        #expect(await chat.get("no.such").status == 404)
        #expect(await chat.get("/").status == 404)
        #expect(await chat.get("users.create", as: try chat.person()).status == 405)
        let info = await chat.get("/api/info")
        #expect(info.json == ["version": "8.7", "success": true])
        #expect(info.header("content-type") == "application/json")
        #expect(info.header("cache-control") == "no-store")
        #expect(info.header("pragma") == "no-cache")
    }

    @Test("every route the gateway may use is there", arguments: VersionBand.allCases)
    func completeness(_ band: VersionBand) {
        let wanted = """
            chat.delete chat.getMessage chat.postMessage chat.sendMessage chat.syncMessages dm.close dm.create
            dm.delete dm.history dm.list dm.messages groups.archive groups.create groups.delete groups.history
            groups.info groups.invite groups.kick groups.leave groups.list groups.members groups.messages
            groups.rename groups.setCustomFields groups.setTopic groups.unarchive im.close im.create im.delete
            im.history im.list im.messages info login logout me rooms.cleanHistory rooms.delete rooms.info
            rooms.media rooms.upload settings.public users.create users.createToken users.delete
            users.generatePersonalAccessToken users.getPresence users.info users.list users.presence
            users.setActiveStatus users.setStatus users.update
            """
        let missing = Set(wanted.split(whereSeparator: \.isWhitespace).map(String.init))
            .subtracting(RouteTable(band: band).names)
        #expect(missing == [])
    }

    @Test("settings.public needs nobody")
    func settings() async {
        let reply = await ChatFixture().get("settings.public?_id=Message_MaxAllowedSize")
        #expect(reply.json?["settings"] == [["_id": "Message_MaxAllowedSize", "value": 5000]])
    }
}
