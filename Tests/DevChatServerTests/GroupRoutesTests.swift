import Testing

@testable import DevChatServer

@Suite("Private groups")
struct GroupRoutesTests {
    private static let created = """
        {"group":{"_id":"x","name":"case-42","fname":"case-42","t":"p","msgs":0,"usersCount":2,
        "u":{"_id":"x","username":"svc"},"customFields":{},"ts":"x","ro":false,"_updatedAt":"x"},"success":true}
        """

    @Test("groups.create answers exactly the sheet's shape; unknown members are dropped without a word")
    func creates() async throws {
        let chat = ChatFixture()
        let body: JSON = ["name": "case-42", "members": ["cust", "nobody"]]
        let reply = await chat.post("groups.create", body, as: try chat.person())
        #expect(Shape.missing(reply.json, from: Self.created) == [])
        #expect(Shape.surplus(reply.json, over: Self.created) == [])
        #expect(reply.json?["group"]?["usersCount"] == 2)
    }

    @Test("a taken name is refused with the name in details, an archived one in other words")
    func duplicates() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let group = try await chat.group("case-42", by: gateway)
        let taken = await chat.post("groups.create", ["name": "case-42"], as: gateway)
        #expect(taken.error == "A channel with name 'case-42' exists [error-duplicate-channel-name]")
        #expect(taken.json?["details"]?["channel_name"] == "case-42")
        _ = await chat.post("groups.archive", ["roomId": .string(group)], as: gateway)
        let archived = await chat.post("groups.create", ["name": "case-42"], as: gateway)
        #expect(archived.errorType == "error-archived-duplicate-name")
        #expect(await chat.post("groups.create", ["name": "general"], as: gateway).status == 400)
    }

    @Test(
        "bodies the server checks by hand are refused in its words",
        arguments: [
            ([:], "Body param \"name\" is required"),
            (["name": "a", "members": "cust"], "Body param \"members\" must be an array if provided"),
            (["name": "a", "customFields": 1], "Body param \"customFields\" must be an object if provided"),
            (["name": "a b"], "a b is not a valid room name. [error-invalid-room-name]"),
            (["name": " "], "Invalid name [error-invalid-name]"),
        ] as [(JSON, String)])
    func refuses(_ body: JSON, _ error: String) async throws {
        let chat = ChatFixture()
        let reply = await chat.post("groups.create", body, as: try chat.person())
        #expect(reply.status == 400)
        #expect(reply.error == error)
    }

    @Test("an outsider, admin or not, sees no group; a missing reference is another error")
    func access() async throws {
        let chat = ChatFixture()
        let group = try await chat.group("g", by: try chat.person("agent.a"))
        let boss = try chat.person("boss")
        let reply = await chat.get("groups.info?roomId=\(group)", as: boss)
        #expect(reply.status == 400)
        #expect(
            reply.error
                == "The required \"roomId\" or \"roomName\" param provided does not match any group "
                + "[error-room-not-found]"
        )
        #expect(await chat.get("groups.info", as: boss).errorType == "error-room-param-not-provided")
    }

    @Test("with excludeSelf the maker is shut out")
    func excludesSelf() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let reply = await chat.post(
            "groups.create", ["name": "g", "excludeSelf": true, "members": ["cust"]], as: gateway)
        #expect(reply.json?["group"]?["usersCount"] == 1)
        #expect(await chat.get("groups.info?roomName=g", as: gateway).errorType == "error-room-not-found")
    }

    @Test("rename, topic and custom fields write what they should, for people who may edit")
    func changes() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let id = JSON.string(try await chat.group("old", ["cust"], by: gateway))
        let renamed = await chat.post("groups.rename", ["roomId": id, "name": "new"], as: gateway)
        #expect(renamed.json?["group"]?["name"] == "new")
        let topic = await chat.post("groups.setTopic", ["roomId": id, "topic": ""], as: gateway)
        #expect(topic.json == ["topic": "", "success": true])
        let fields = await chat.post(
            "groups.setCustomFields", ["roomId": id, "customFields": ["a": 1]], as: gateway)
        #expect(fields.json?["group"]?["customFields"] == ["a": 1])
        let history = await chat.get("groups.history?roomName=new", as: gateway)
        #expect(history.json?["messages"]?.list?.map { $0["t"] } == ["room_changed_topic", "r"])
        let refused = await chat.post(
            "groups.rename", ["roomId": id, "name": "mine"], as: try chat.person("cust"))
        #expect(refused.errorType == "error-action-not-allowed")
        #expect(await chat.get("groups.info?roomName=old", as: gateway).status == 400)
    }

    @Test("an archived group refuses changes, still has groups.info, and can be brought back")
    func archives() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let body: JSON = ["roomId": .string(try await chat.group("g", by: gateway))]
        #expect(await chat.post("groups.archive", body, as: gateway).json == ["success": true])
        let again = await chat.post("groups.archive", body, as: gateway)
        #expect(again.error == "The private group, g, is archived [error-room-archived]")
        #expect(await chat.get("groups.info?roomName=g", as: gateway).json?["group"]?["archived"] == true)
        #expect(await chat.get("groups.messages?roomName=g", as: gateway).errorType == "error-room-archived")
        #expect(await chat.get("rooms.info?roomName=g", as: gateway).errorType == "error-room-archived")
        let message: JSON = ["channel": "g", "text": "x"]
        #expect(await chat.post("chat.postMessage", message, as: gateway).status == 400)
        #expect(await chat.post("groups.unarchive", body, as: gateway).status == 200)
        #expect(await chat.post("chat.postMessage", message, as: gateway).status == 200)
    }

    @Test("groups.delete is for owners and admins inside; rooms.delete works for admins outside")
    func deletes() async throws {
        let chat = ChatFixture()
        let (agent, customer, boss) = (
            try chat.person("agent.a"), try chat.person("cust"), try chat.person("boss")
        )
        let first: JSON = ["roomId": .string(try await chat.group("g1", ["cust"], by: agent))]
        let refused = await chat.post("groups.delete", first, as: customer)
        #expect(refused.json?["details"]?["method"] == "eraseRoom")
        #expect(await chat.post("groups.delete", first, as: agent).status == 200)
        let second: JSON = ["roomId": .string(try await chat.group("g2", by: agent))]
        #expect(await chat.post("groups.delete", second, as: boss).errorType == "error-room-not-found")
        #expect(await chat.post("rooms.delete", second, as: boss).json == ["success": true])
        #expect(await chat.post("rooms.delete", second, as: boss).errorType == "error-invalid-room")
        #expect(chat.journal("room-deleted").map { $0["name"] } == ["g1", "g2"])
    }

    @Test("rooms.info to an outsider has its own shape of refusal")
    func roomInfoRefusal() async throws {
        let shapes: [(VersionBand, Int, JSON)] = [
            (.eight, 400, ["success": false, "error": "not-allowed", "errorType": "Not Allowed"]),
            (.nine, 403, ["success": false, "error": "Not Allowed [not-allowed]", "errorType": "error-forbidden"]),
        ]
        for (band, status, body) in shapes {
            let chat = ChatFixture(band: band)
            let group = try await chat.group("g", by: try chat.person("agent.a"))
            let reply = await chat.get("rooms.info?roomId=\(group)", as: try chat.person("boss"))
            #expect(reply.status == status)
            #expect(reply.json == body)
            #expect(
                await chat.get("rooms.info", as: try chat.person("boss")).errorType == "error-roomid-param-not-provided"
            )
        }
    }
}
