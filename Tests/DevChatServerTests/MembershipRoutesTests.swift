import Testing

@testable import DevChatServer

@Suite("Members of a group")
struct MembershipRoutesTests {
    @Test("the service account adds people to a group it is not in; a plain admin may not")
    func invitesAnywhere() async throws {
        let chat = ChatFixture()
        let id = JSON.string(try await chat.group("g", by: try chat.person("agent.a")))
        let body: JSON = ["roomId": id, "username": "cust"]
        let refused = await chat.post("groups.invite", body, as: try chat.person("boss"))
        #expect(refused.error == "Not allowed [error-not-allowed]")
        #expect(refused.json?["details"]?["method"] == "addUsersToRoom")
        let added = await chat.post("groups.invite", body, as: try chat.person())
        #expect(added.json?["group"]?["usersCount"] == 2)
        #expect(await chat.post("groups.invite", body, as: try chat.person()).status == 200)
    }

    @Test("a fresh server grants that to nobody")
    func defaultGrants() async throws {
        let chat = ChatFixture { $0.grants = [:] }
        let id = JSON.string(try await chat.group("g", by: try chat.person("agent.a")))
        let gateway = try chat.person()
        let invite = await chat.post("groups.invite", ["roomId": id, "username": "cust"], as: gateway)
        #expect(invite.errorType == "error-not-allowed")
        let kick = await chat.post("groups.kick", ["roomId": id, "username": "agent.a"], as: gateway)
        #expect(kick.errorType == "error-room-not-found")
    }

    @Test("a plain member adds nobody, an owner does, by list too; each addition is a system message")
    func invitesInside() async throws {
        let chat = ChatFixture()
        let (agent, customer) = (try chat.person("agent.a"), try chat.person("cust"))
        let id = JSON.string(try await chat.group("g", ["cust"], by: agent))
        let refused = await chat.post("groups.invite", ["roomId": id, "username": "agent.b"], as: customer)
        #expect(refused.errorType == "error-not-allowed")
        let added = await chat.post("groups.invite", ["roomId": id, "usernames": ["agent.b", "nobody"]], as: agent)
        #expect(added.status == 200)
        let history = await chat.get("groups.history?roomName=g", as: agent)
        #expect(history.json?["messages"]?.list?.map { $0["t"] } == ["au"])
        #expect(history.json?["messages"]?.list?.map { $0["msg"] } == ["agent.b"])
        let empty = await chat.post("groups.invite", ["roomId": id, "usernames": ["nobody"]], as: agent)
        #expect(empty.errorType == "error-empty-invite-list")
        let none = await chat.post("groups.invite", ["roomId": id], as: agent)
        #expect(none.errorType == "error-users-params-not-provided")
    }

    @Test("kick answers only success, and refuses outsiders, the last owner and strangers")
    func kicks() async throws {
        let chat = ChatFixture()
        let (agent, customer) = (try chat.person("agent.a"), try chat.person("cust"))
        let id = JSON.string(try await chat.group("g", ["cust", "agent.b"], by: agent))
        let refused = await chat.post("groups.kick", ["roomId": id, "username": "agent.b"], as: customer)
        #expect(refused.json?["details"]?["method"] == "removeUserFromRoom")
        let kicked = await chat.post("groups.kick", ["roomId": id, "username": "agent.b"], as: agent)
        #expect(kicked.json == ["success": true])
        let again = await chat.post("groups.kick", ["roomId": id, "username": "agent.b"], as: agent)
        #expect(again.errorType == "error-user-not-in-room")
        let owner = await chat.post("groups.kick", ["roomId": id, "username": "agent.a"], as: agent)
        #expect(owner.errorType == "error-you-are-last-owner")
        let unknown = await chat.post("groups.kick", ["roomId": id, "username": "nobody"], as: agent)
        #expect(unknown.errorType == "error-invalid-user")
        #expect(chat.journal("member-removed").map { $0["user"] } == ["agent.b"])
    }

    @Test("the last owner cannot leave until another owns the group")
    func leaves() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        let id = JSON.string(try await chat.group("g", ["agent.b"], by: agent))
        let refused = await chat.post("groups.leave", ["roomId": id], as: agent)
        #expect(refused.json?["details"]?["method"] == "leaveRoom")
        #expect(refused.errorType == "error-you-are-last-owner")
        #expect(await chat.post("groups.addOwner", ["roomId": id, "username": "agent.b"], as: agent).status == 200)
        #expect(await chat.post("groups.leave", ["roomId": id], as: agent).json == ["success": true])
        #expect(await chat.get("groups.info?roomName=g", as: agent).status == 400)
    }

    @Test("members are listed with their presence, and filtered by it")
    func members() async throws {
        let chat = ChatFixture { $0.users[1].status = "online" }
        let gateway = try chat.person()
        _ = try await chat.group("g", ["agent.a", "cust"], by: gateway)
        let all = await chat.get("groups.members?roomName=g", as: gateway)
        #expect(all.json?["total"] == 3)
        let online = await chat.get("groups.members?roomName=g&status[]=online", as: gateway)
        #expect(online.json?["members"]?.list?.map { $0["username"] } == ["agent.a"])
    }
}
