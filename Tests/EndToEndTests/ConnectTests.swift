import Foundation
import TestSupport
import Testing

/// `connect`: the tenant's own server vouches for a customer, who gets a direct room with an agent.
@Suite("Connect", .ownProcesses, .installation())
struct ConnectTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    @Test("a customer gets an account whose user name is the name and the tenant's id, and a direct room with an agent")
    func account() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let answer = try await tenant.connected(name)
        #expect(answer["im"]["username"].string == name + tenant.id)
        #expect(answer["im"]["name"].string == name)
        let room = try #require(try await chat.room(answer["rid"].string ?? ""))
        #expect(room["t"] == "d")
        #expect(
            try await chat.members(of: answer["rid"].string ?? "") == [
                name + tenant.id, tenant.plan.agents[0].username,
            ])
    }

    @Test("the same name again gets the same account, id, user_id and room")
    func sameName() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init(), .init()])]))
        let name = someName()
        let first = try await tenant.connected(name)
        for _ in 0..<5 {
            let again = try await tenant.connected(name)
            #expect(again["im"] == first["im"])
            #expect(again["rid"] == first["rid"])
            #expect(again["user_id"] == first["user_id"])
            #expect(again["agent_id"] == first["agent_id"])
        }
    }

    @Test("id and user_id stay the same for life, also after the room was closed")
    func forLife() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let first = try await tenant.connected(name)
        let closed = try await tenant.shutdown(first["rid"].string ?? "", token: try await tenant.accessToken())
        #expect(closed.status == 200)
        let second = try await tenant.connected(name)
        #expect(second["im"]["_id"] == first["im"]["_id"])
        #expect(second["im"]["username"] == first["im"]["username"])
        #expect(second["user_id"] == first["user_id"])
        #expect(UUID(uuidString: second["user_id"].string ?? "") != nil)
        #expect(try await chat.room(second["rid"].string ?? "") != nil)
    }

    @Test("50 parallel connects of one name make one account and one room")
    func parallel() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let token = try await tenant.accessToken()
        let name = someName()
        let mark = try await chat.mark()
        let answers = try await withThrowingTaskGroup(of: HTTPTestJSON.self) { group in
            for _ in 0..<50 { group.addTask { try success(try await tenant.connect(name, token: token)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 50)
        #expect(Set(answers.map { $0["im"]["_id"] }).count == 1)
        #expect(Set(answers.map { $0["rid"] }).count == 1)
        #expect(Set(answers.map { $0["user_id"] }).count == 1)
        let username = HTTPTestJSON.string(name + tenant.id)
        let events = try await chat.events(after: mark)
        #expect(events.count { $0["kind"] == "user-created" && $0["user"] == username } == 1)
        let rooms = try await chat.rooms().filter { $0["members"].array.contains(username) }
        #expect(rooms.count == 1)
    }

    @Test("the token that is handed out is the customer's login at the chat server")
    func token() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.connected(someName())
        let user = (id: answer["im"]["_id"].string ?? "", token: answer["token"].string ?? "")
        #expect(try success(try await chat.call("GET", "me", as: user))["username"] == answer["im"]["username"])
    }

    @Test("an agent who is online is preferred")
    func prefersOnline() async throws {
        let online = GatewayTenantPlan.Agent()
        let agents = ["offline", "away", "busy"].map { GatewayTenantPlan.Agent(status: $0) }
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(agents: agents + [online])]))
        for _ in 0..<8 {
            let answer = try await tenant.connected(someName())
            #expect(answer["state"] == "assigned")
            #expect(try await chat.members(of: answer["rid"].string ?? "").contains(online.username))
        }
    }

    @Test("with nobody online a random agent gets the room, state offline")
    func nobodyOnline() async throws {
        let agents = [GatewayTenantPlan.Agent(status: "offline"), .init(status: "offline")]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(agents: agents)]))
        var chosen: Set<String> = []
        for _ in 0..<16 {
            let answer = try await tenant.connected(someName())
            #expect(answer["state"] == "offline")
            #expect(answer["wait"].int == 0)
            chosen.insert(answer["agent_id"].string ?? "")
        }
        #expect(chosen.count == 2, "random: 16 customers and never the other of two agents has odds of 1 to 32,768")
    }

    @Test("a tenant without agents has nobody to connect to: 503")
    func noAgents() async throws {
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(agents: [])]))
        try expectError(try await tenant.connect(someName(), token: try await tenant.accessToken()), 503)
    }

    // MARK: Names

    @Test("a Chinese name stays the display name, the user name fits the chat server's alphabet")
    func chineseName() async throws {
        let tenant = try await bed.tenant()
        let name = "苏州小方\(someName(""))号"
        let answer = try await tenant.connected(name)
        #expect(answer["im"]["name"].string == name)
        let username = answer["im"]["username"].string ?? ""
        #expect(username.wholeMatch(of: /[0-9A-Za-z._-]+/) != nil, "\(username)")
        #expect(try await tenant.connected(name)["im"] == answer["im"])
        let other = try await tenant.connected(name + "二")
        #expect(other["im"]["_id"] != answer["im"]["_id"])
    }

    @Test("names that differ in case only are different customers")
    func letterCase() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let lower = try await tenant.connected(name)
        let upper = try await tenant.connected(name.uppercased())
        #expect(lower["im"]["_id"] != upper["im"]["_id"])
        #expect(lower["user_id"] != upper["user_id"])
        #expect(lower["im"]["username"].string?.lowercased() != upper["im"]["username"].string?.lowercased())
        #expect(upper["im"]["name"].string == name.uppercased())
        #expect(try await tenant.connected(name.uppercased())["im"] == upper["im"])
        #expect(try await tenant.connected(name)["im"] == lower["im"])
    }

    @Test("the same name of two tenants is two customers")
    func tenants() async throws {
        let name = someName()
        let (one, other) = (try await bed.tenant(), try await bed.tenant())
        let (first, second) = (try await one.connected(name), try await other.connected(name))
        #expect(first["im"]["_id"] != second["im"]["_id"])
        #expect(first["user_id"] != second["user_id"])
        #expect(first["rid"] != second["rid"])
    }

    @Test("a name is trimmed and composed before it counts")
    func normalised() async throws {
        let tenant = try await bed.tenant()
        let name = someName("jos")
        let composed = try await tenant.connected("\(name)\u{E9}")
        #expect(try await tenant.connected("  \(name)e\u{301} ")["im"]["_id"] == composed["im"]["_id"])
        #expect(composed["im"]["name"].string == "\(name)\u{E9}")
    }

    @Test(
        "a name with no, too many or unprintable characters is a 400 that names the field",
        arguments: [
            "", "   ", String(repeating: "x", count: 65), String(repeating: "名", count: 65), "a\u{1}b", "a\nb",
            "\u{7F}",
        ])
    func badName(name: String) async throws {
        let tenant = try await bed.tenant()
        try expectInvalid(try await tenant.connect(name, token: try await tenant.accessToken()), ["name"])
    }

    @Test("a name of 64 characters is good in any script", arguments: ["x", "名", "😀"])
    func longestName(character: String) async throws {
        let tenant = try await bed.tenant()
        let name = String(repeating: character, count: 64)
        let answer = try await tenant.connected(name)
        #expect(answer["im"]["name"].string == name)
    }

    @Test("connect without a name names the field")
    func noName() async throws {
        let tenant = try await bed.tenant()
        let request = HTTPTestRequest.form("/customers/connect", [("nome", "x")])
        try expectInvalid(
            try await bed.client.send(request.with("Authorization", try await tenant.accessToken())), ["name"])
    }
}
