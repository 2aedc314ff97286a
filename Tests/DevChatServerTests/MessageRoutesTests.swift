import Testing

@testable import DevChatServer

@Suite("Messages")
struct MessageRoutesTests {
    private static let message = """
        {"_id":"x","rid":"x","msg":"hello","ts":"x","u":{"_id":"x","username":"cust-42","name":"Customer 42"},
        "_updatedAt":"x","urls":[],"mentions":[],"channels":[],
        "md":[{"type":"x","value":[{"type":"x","value":"x"}]}]}
        """

    @Test("postMessage answers a numeric ts, the channel as given, and the sheet's message, trimmed")
    func posts() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        let reply = await chat.post("chat.postMessage", ["roomId": .string(id), "text": "  hello "], as: customer)
        #expect(reply.json?["ts"]?.number == chat.clock.now.milliseconds)
        #expect(reply.json?["channel"] == .string(id))
        #expect(Shape.missing(reply.json?["message"], from: Self.message) == [])
        #expect(Shape.surplus(reply.json?["message"], over: Self.message) == [])
        #expect(reply.json?["message"]?["msg"] == "hello")
    }

    @Test(
        "what postMessage does not take is refused",
        arguments: [
            ["text": "x"], ["roomId": "GENERAL", "channel": "#general"], ["roomId": "GENERAL", "msg": "x"],
            ["roomId": "GENERAL", "username": "x"],
        ] as [JSON])
    func strict(_ body: JSON) async throws {
        let chat = ChatFixture()
        #expect(await chat.post("chat.postMessage", body, as: try chat.person()).errorType == "invalid-params")
    }

    @Test("refusals inside are plain errors without errorType")
    func plainErrors() async throws {
        let chat = ChatFixture()
        let (customer, boss) = (try chat.person("cust"), try chat.person("boss"))
        let id = JSON.string(try await chat.group("g", by: customer))
        let long = JSON.string(String(repeating: "x", count: 5001))
        let cases: [(JSON, ChatFixture.Person, JSON)] = [
            (["roomId": id, "text": "x"], boss, ["success": false, "error": "error-not-allowed"]),
            (["roomId": id, "text": long], customer, ["success": false, "error": "error-message-size-exceeded"]),
            (
                ["roomId": id, "text": "x", "alias": "A"], customer,
                ["success": false, "error": "Not enough permission"]
            ),
            (
                ["roomId": "nowhere", "text": "x"], customer,
                ["success": false, "error": "[invalid-channel]", "errorType": "invalid-channel"]
            ),
        ]
        for (body, person, expected) in cases {
            let reply = await chat.post("chat.postMessage", body, as: person)
            #expect(reply.status == 400)
            #expect(reply.json == expected)
        }
    }

    @Test("a user id or @name opens the direct room, a channel is joined")
    func targets() async throws {
        let chat = ChatFixture()
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        _ = await chat.post("chat.postMessage", ["roomId": .string(agent.id), "text": "1"], as: customer)
        _ = await chat.post("chat.postMessage", ["channel": "@agent.a", "text": "2"], as: customer)
        let messages = await chat.get("im.messages?username=cust", as: agent)
        #expect(messages.json?["total"] == 2)
        _ = await chat.post("chat.postMessage", ["channel": "#general", "text": "3"], as: customer)
        #expect(chat.server.withWorld { $0.rooms["GENERAL"]?.members[customer.id] } != nil)
    }

    @Test("sendMessage keeps the client's id, and a second send with it writes nothing")
    func idempotent() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = JSON.string(try await chat.group("g", by: customer))
        let body: JSON = ["message": ["rid": id, "msg": "once", "_id": "mine"]]
        #expect(await chat.post("chat.sendMessage", body, as: customer).json?["message"]?["_id"] == "mine")
        #expect(await chat.post("chat.sendMessage", body, as: customer).status == 400)
        #expect(await chat.get("groups.messages?roomName=g", as: customer).json?["total"] == 1)
        #expect(await chat.get("chat.getMessage?msgId=mine", as: customer).json?["message"]?["msg"] == "once")
        let bare = await chat.get("chat.getMessage?msgId=other", as: customer)
        #expect(bare.json == ["success": false])
    }

    @Test("sendMessage's own refusals")
    func sendRefusals() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = JSON.string(try await chat.group("g", by: customer))
        let cases: [(JSON, String)] = [
            (["msg": "x"], "The 'rid' property on the message object is missing."),
            (["rid": "nowhere", "msg": "x"], "error-invalid-room"),
            (
                ["rid": id, "msg": .string(String(repeating: "x", count: 5001))],
                "Message size exceeds Message_MaxAllowedSize [error-message-size-exceeded]"
            ), (["rid": id, "msg": "x", "bogus": 1], "must NOT have additional properties"),
        ]
        for (message, error) in cases {
            #expect(await chat.post("chat.sendMessage", ["message": message], as: customer).error == error)
        }
        for date: JSON in ["2001-01-01T00:00:00.000Z", ["$date": .int(.min)], ["$date": .int(.max)]] {
            let late: JSON = ["message": ["rid": id, "msg": "x", "ts": date]]
            let reply = await chat.post("chat.sendMessage", late, as: customer)
            #expect(reply.errorType == "error-message-ts-out-of-sync")
        }
    }

    @Test("history takes 20 unless asked, more than 100 when asked, and honours its bounds")
    func history() async throws {
        let chat = ChatFixture { $0.rateLimit = 0 }
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        for index in 0..<130 {
            chat.clock.advance(10)
            chat.server.withWorld { world in _ = world.post("m\(index)", in: id, by: customer.id) }
        }
        func messages(_ query: String) async -> [JSON] {
            await chat.get("groups.history?roomId=\(id)\(query)", as: customer).json?["messages"]?.list ?? []
        }
        #expect(await messages("").count == 20)
        #expect(await messages("").first?["msg"] == "m129")
        #expect(await messages("&count=125").count == 125)
        let middle = await messages("&count=1&offset=10").first
        #expect(middle?["msg"] == "m119")
        let at = middle?["ts"]?.text ?? ""
        #expect(await messages("&latest=\(at)&count=1").first?["msg"] == "m118")
        #expect(await messages("&latest=\(at)&inclusive=true&count=1").first?["msg"] == "m119")
        #expect(await messages("&oldest=\(at)&count=0").count == 10)
        let capped = await chat.get("groups.messages?roomId=\(id)&count=500", as: customer)
        #expect(capped.json?["count"] == 100)
    }

    @Test("thread replies show in groups.history and not in im.history")
    func threads() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let group = JSON.string(try await chat.group("g", by: customer))
        let direct = await chat.post("im.create", ["username": "agent.a"], as: customer).json?["room"]?["_id"]
        for room in [group, direct ?? .null] {
            _ = await chat.post("chat.sendMessage", ["message": ["rid": room, "msg": "r", "tmid": "t"]], as: customer)
        }
        let shown = await chat.get("groups.history?roomName=g", as: customer)
        #expect(shown.json?["messages"]?.list?.count == 1)
        let hidden = await chat.get("im.history?roomId=\(direct?.text ?? "")", as: customer)
        #expect(hidden.json?["messages"]?.list?.count == 0)
    }

    @Test("syncMessages tells of edits and deletions since a time, and in pages")
    func syncs() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        for name in ["m1", "m2", "m3"] {
            chat.clock.advance(1000)
            let body: JSON = ["message": ["rid": .string(id), "msg": "x", "_id": .string(name)]]
            _ = await chat.post("chat.sendMessage", body, as: customer)
        }
        let since = chat.clock.now.iso
        chat.clock.advance(1000)
        let edit: JSON = ["roomId": .string(id), "msgId": "m1", "text": "edited"]
        #expect(await chat.post("chat.update", edit, as: customer).json?["message"]?["msg"] == "edited")
        _ = await chat.post("chat.delete", ["roomId": .string(id), "msgId": "m2"], as: customer)
        let result = await chat.get("chat.syncMessages?roomId=\(id)&lastUpdate=\(since)", as: customer).json?["result"]
        #expect(result?["updated"]?.list?.map { $0["msg"] } == ["edited"])
        #expect(result?["deleted"] == [["_id": "m2", "_deletedAt": .string(chat.clock.now.iso)]])
        let page = await chat.get("chat.syncMessages?roomId=\(id)&type=UPDATED&count=1&next=0", as: customer)
        #expect(page.json?["result"]?["updated"]?.list?.map { $0["_id"] } == ["m3"])
        #expect(page.json?["result"]?["cursor"]?["next"]?.text != nil)
        let neither = await chat.get("chat.syncMessages?roomId=\(id)", as: customer)
        #expect(neither.errorType == "error-param-required")
    }

    @Test("one's own message may be deleted, another's not; the answer names it")
    func deletes() async throws {
        let chat = ChatFixture()
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        let id = JSON.string(try await chat.group("g", ["agent.a"], by: customer))
        _ = await chat.post("chat.sendMessage", ["message": ["rid": id, "msg": "x", "_id": "m"]], as: customer)
        let body: JSON = ["roomId": id, "msgId": "m"]
        #expect(await chat.post("chat.delete", body, as: agent).errorType == "error-action-not-allowed")
        let reply = await chat.post("chat.delete", body, as: customer)
        #expect(reply.json?["message"]?["rid"] == id)
        #expect(await chat.post("chat.delete", body, as: customer).error == "No message found with the id of \"m\".")
    }
}
