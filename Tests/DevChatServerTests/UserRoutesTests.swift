import Testing

@testable import DevChatServer

@Suite("Reading users and presence")
struct UserRoutesTests {
    @Test("users.info shows addresses and roles to admins and to oneself only")
    func visibility() async throws {
        let chat = ChatFixture()
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        let full = await chat.get("users.info?userId=\(agent.id)", as: gateway)
        #expect(full.json?["user"]?["emails"] == [["address": "a@x.tld", "verified": true]])
        #expect(full.json?["user"]?["canViewAllInfo"] == true)
        #expect(full.json?["user"]?["services"] == nil)
        let other = await chat.get("users.info?username=CUST", as: agent)
        #expect(other.json?["user"]?["username"] == "cust")
        #expect(other.json?["user"]?["emails"] == nil)
        #expect(other.json?["user"]?["roles"] == nil)
    }

    @Test("a user who is not there is 400 with a dot and no errorType")
    func notFound() async throws {
        let chat = ChatFixture()
        let reply = await chat.get("users.info?username=nobody", as: try chat.person())
        #expect(reply.status == 400)
        #expect(reply.json == ["success": false, "error": "User not found."])
    }

    @Test("presence of another has no connection, one's own has")
    func presence() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        let other = await chat.get("users.getPresence?username=agent.b", as: agent)
        #expect(other.json == ["presence": "offline", "success": true])
        let own = await chat.get("users.getPresence", as: agent)
        #expect(own.json?["connectionStatus"] == "offline")
        let unknown = await chat.get("users.getPresence?userId=nobody", as: agent)
        #expect(unknown.errorType == "error-invalid-user")
    }

    @Test("users.presence leaves out the offline; a status set by REST counts")
    func presenceList() async throws {
        let chat = ChatFixture()
        let (agent, other) = (try chat.person("agent.a"), try chat.person("agent.b"))
        #expect(await chat.post("users.setStatus", ["status": "away"], as: agent).json == ["success": true])
        let reply = await chat.get("users.presence?ids=\(agent.id),\(other.id)", as: other)
        let expected: JSON = [
            "_id": .string(agent.id), "username": "agent.a", "name": "agent.a", "status": "away", "utcOffset": 0,
        ]
        #expect(reply.json == ["users": [expected], "full": false, "success": true])
        #expect(chat.journal("presence").map { $0["status"] } == ["away"])
    }

    @Test("a status Rocket.Chat does not know is refused; another's needs the permission")
    func setStatusRefusals() async throws {
        let chat = ChatFixture()
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        #expect(await chat.post("users.setStatus", ["status": "gone"], as: agent).errorType == "error-invalid-status")
        let body: JSON = ["status": "busy", "username": "agent.b"]
        #expect(await chat.post("users.setStatus", body, as: agent).status == 403)
        #expect(await chat.post("users.setStatus", body, as: gateway).status == 200)
    }

    @Test("users.list pages, and caps a page at 100 without a word")
    func list() async throws {
        let chat = ChatFixture { options in
            for index in 0..<120 { options.users.append(SeedUser(username: "u\(index)", password: "p")) }
        }
        let gateway = try chat.person()
        let reply = await chat.get("users.list?count=500&offset=3", as: gateway)
        #expect(reply.json?["count"] == 100)
        #expect(reply.json?["offset"] == 3)
        #expect(reply.json?["total"] == 126)
        let standard = await chat.get("users.list", as: gateway)
        #expect(standard.json?["count"] == 50)
        #expect(await chat.get("users.list?count=0", as: gateway).json?["count"] == 126)
    }

    @Test("query and fields are refused everywhere")
    func refusesQuery() async throws {
        let chat = ChatFixture()
        let reply = await chat.get("groups.list?query=%7B%7D", as: try chat.person())
        #expect(reply.status == 400)
        #expect(reply.errorType == "error-invalid-params")
    }
}
