import ChatBackend
import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Agents' presence")
struct PresenceTests {
    /// Everybody named `a…` exists, in the spelling asked for.
    private static let info: ScriptedRocketChat.Route = { request, _ in
        let name = request.parameter("username") ?? ""
        return name.lowercased().hasPrefix("a") ? Answer.user(name, id: "id-\(name.lowercased())") : Answer.userNotFound
    }

    private static func presence(_ users: [(String, String)], full: Bool = false) -> ScriptedHTTPAnswer {
        let list = users.map { #"{"_id":"\#($0.0)","status":"\#($0.1)","username":"x","utcOffset":1}"# }
        return .json(#"{"users":[\#(list.joined(separator: ","))],"full":\#(full),"success":true}"#)
    }

    @Test("one call tells all statuses; whoever is missing is offline, whoever is unknown is left out")
    func statuses() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info,
            "users.presence": { _, _ in
                Self.presence([("id-a1", "online"), ("id-a2", "busy"), ("id-a4", "sleeping"), ("id-z", "online")])
            },
        ])
        let agents = try await chat.backend.presence(ofAgents: ["a1", "nobody", "a2", "a3", "a4", "a1"])
        #expect(
            agents == [
                AgentPresence(id: "id-a1", username: "a1", status: .online),
                AgentPresence(id: "id-a2", username: "a2", status: .busy),
                AgentPresence(id: "id-a3", username: "a3", status: .offline),
                AgentPresence(id: "id-a4", username: "a4", status: .offline),
            ])
        #expect(chat.server.requests(for: "users.presence").map { $0.parameter("ids") } == ["id-a1,id-a2,id-a3,id-a4"])
    }

    @Test("ids are looked up once in ten minutes, beside a call; absent names once in 30 seconds")
    func cache() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info, "users.presence": { _, _ in Self.presence([("id-a1", "online")]) },
        ])
        func look() async throws { _ = try await chat.backend.presence(ofAgents: ["a1", "nobody"]) }
        try await look()
        try await look()
        #expect(chat.server.requests(for: "users.info").count == 2)
        chat.turn(seconds: 31)
        try await look()
        #expect(chat.server.requests(for: "users.info").map { $0.parameter("username") }.suffix(1) == ["nobody"])
        #expect(chat.server.requests(for: "users.info").count == 3)
        chat.turn(seconds: 600)
        try await look()
        try await eventually("both are looked up again") { chat.server.requests(for: "users.info").count == 5 }
    }

    @Test(
        "who was known once is asked for at once, and looked up beside the call: who has another account by now has it the next time"
    )
    func knownOnce() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info,
            "users.presence": { _, _ in Self.presence([("id-a1", "online"), ("id-a2", "online"), ("old-a3", "away")]) },
        ])
        let known = ["a1": "id-a1", "a2": "former", "a3": "old-a3", "gone": "id-gone"]
        func look() async throws -> [String: PresenceStatus] {
            let agents = try await chat.backend.presence(ofAgents: ["A1", "a2", "a3", "gone"], known: known)
            return Dictionary(uniqueKeysWithValues: agents.map { ($0.id, $0.status) })
        }
        #expect(
            try await look() == ["id-a1": .online, "former": .offline, "old-a3": .away, "id-gone": .offline])
        try await eventually("all are looked up") { chat.server.requests(for: "users.info").count == 4 }
        try await eventually("what was found counts") {
            try await look() == ["id-a1": .online, "id-a2": .online, "id-a3": .offline]
        }
        #expect(chat.server.requests(for: "users.info").count == 4)
    }

    @Test("a look-up beside a call that fails is no failure of the call, and is made again")
    func failedBeside() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": { request, number in number < 2 ? Answer.gateway : Self.info(request, number) },
            "users.presence": { _, _ in Self.presence([("id-a1", "online")]) },
        ])
        try await eventually("a later look-up has worked") {
            let agents = try await chat.backend.presence(ofAgents: ["a1"], known: ["a1": "id-a1"])
            #expect(agents.map(\.status) == [.online])
            return chat.server.requests(for: "users.info").count == 3
        }
    }

    @Test("an id that happens to be the name asked for is nobody's name, and a deactivated agent is nobody")
    func wrongUser() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": { request, _ in
                request.parameter("username") == "a1"
                    ? Answer.user("other", id: "a1") : Answer.user("a2", active: false)
            }
        ])
        #expect(try await chat.backend.presence(ofAgents: ["a1", "a2"]).isEmpty)
        #expect(chat.server.requests(for: "users.presence").isEmpty)
    }

    @Test("a server that does not understand commas is asked with repeated ids from then on")
    func repeatedIDs() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info,
            "users.presence": { request, _ in
                Self.presence(request.parameters("ids").filter { !$0.contains(",") }.map { ($0, "away") })
            },
        ])
        for _ in 0..<3 {
            #expect(try await chat.backend.presence(ofAgents: ["a1", "a2"]).map(\.status) == [.away, .away])
        }
        #expect(
            chat.server.requests(for: "users.presence").map(\.query) == [
                "ids=id-a1%2Cid-a2", "ids=id-a1&ids=id-a2", "ids=id-a1&ids=id-a2", "ids=id-a1&ids=id-a2",
            ])
    }

    @Test("when nobody is there, the other form is not tried every time, and its refusal is no error")
    func nobodyThere() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info,
            "users.presence": { request, _ in
                request.parameters("ids").count > 1
                    ? Answer.error("must be string", "invalid-params") : Self.presence([])
            },
        ])
        for _ in 0..<5 {
            #expect(try await chat.backend.presence(ofAgents: ["a1", "a2"]).map(\.status) == [.offline, .offline])
        }
        #expect(chat.server.requests(for: "users.presence").count == 6)
        _ = try await chat.backend.presence(ofAgents: ["a1"])
        #expect(chat.server.requests(for: "users.presence").count == 7)
    }

    @Test("a server that broadcasts no presence is asked for each agent")
    func broadcastDisabled() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info, "users.presence": { _, _ in Self.presence([], full: true) },
            "users.getPresence": { request, _ in
                request.parameter("userId") == "id-a3"
                    ? Answer.error("x [error-invalid-user]", "error-invalid-user")
                    : .json(#"{"presence":"online","success":true}"#)
            },
        ])
        let names = (1...20).map { "a\($0)" }
        let statuses = try await chat.backend.presence(ofAgents: names).map(\.status)
        #expect(statuses == names.map { $0 == "a3" ? .offline : .online })
        #expect(chat.server.requests(for: "users.getPresence").count == 20)
    }

    @Test("more agents than fit into one call are asked for in several")
    func manyAgents() async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info,
            "users.presence": { request, _ in
                Self.presence((request.parameter("ids") ?? "").split(separator: ",").map { (String($0), "online") })
            },
        ])
        let names = (1...250).map { "a\($0)" }
        let agents = try await chat.backend.presence(ofAgents: names)
        #expect(agents.map(\.username) == names)
        #expect(agents.allSatisfy { $0.status == .online })
        #expect(chat.server.requests(for: "users.presence").count == 3)
    }

    @Test("nobody asked for is nobody found, without a call")
    func nobodyAsked() async throws {
        let chat = try ScriptedRocketChat([:])
        #expect(try await chat.backend.presence(ofAgents: []).isEmpty)
        #expect(chat.routes.isEmpty)
    }

    @Test("a failing server is an error, not an empty list")
    func failing() async throws {
        let chat = try ScriptedRocketChat(["users.info": Self.info, "users.presence": { _, _ in Answer.gateway }])
        #expect(
            await failure { () async throws(ChatBackendError) in try await chat.backend.presence(ofAgents: ["a1"]) }
                == .unavailable("status 502"))
    }

    @Test(
        "a server that does not give its list to us is asked one by one",
        arguments: [Answer.error("unauthorized", status: 403), .reply([], type: "text/html", status: 404)])
    func noList(answer: ScriptedHTTPAnswer) async throws {
        let chat = try ScriptedRocketChat([
            "users.info": Self.info, "users.presence": { _, _ in answer },
            "users.getPresence": { _, _ in .json(#"{"presence":"online","success":true}"#) },
        ])
        let agents = try await chat.backend.presence(ofAgents: ["a1", "a2"])
        #expect(agents.map(\.status) == [.online, .online])
        #expect(chat.backend.presenceIsSwitchedOff)
    }
}
