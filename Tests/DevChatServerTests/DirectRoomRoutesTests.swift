import Testing

@testable import DevChatServer

@Suite("Direct rooms")
struct DirectRoomRoutesTests {
    private static let created =
        #"{"room":{"t":"d","rid":"x","_id":"x","usernames":["cust-42","agent.a"]},"success":true}"#

    @Test("im.create answers the sheet's shape, and the same room again", arguments: ["im", "dm"])
    func creates(_ prefix: String) async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let first = await chat.post("\(prefix).create", ["username": "agent.a"], as: customer)
        #expect(Shape.missing(first.json, from: Self.created) == [])
        #expect(Shape.surplus(first.json, over: Self.created) == [])
        #expect(first.json?["room"]?["_id"] == first.json?["room"]?["rid"])
        let again = await chat.post("im.create", ["username": "cust"], as: try chat.person("agent.a"))
        #expect(again.json?["room"]?["_id"] == first.json?["room"]?["_id"])
    }

    @Test("two people's room is their sorted ids up to band 7, 24 hexadecimal digits from 8")
    func identifiers() async throws {
        for band in VersionBand.allCases {
            let chat = ChatFixture(band: band)
            let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
            let reply = await chat.post("im.create", ["username": "agent.a"], as: customer)
            let id = reply.json?["room"]?["_id"]?.text ?? ""
            if band <= .seven {
                #expect(id == [customer.id, agent.id].sorted().joined())
            } else {
                #expect(id.wholeMatch(of: /[0-9a-f]{24}/) != nil)
            }
        }
    }

    @Test("both names, neither or a list are refused as oneOf")
    func oneOf() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        for body: JSON in [["username": "agent.a", "usernames": "agent.b"], [:], ["usernames": ["agent.a"]]] {
            let reply = await chat.post("im.create", body, as: customer)
            #expect(reply.errorType == "invalid-params")
        }
        let neither = await chat.post("im.create", [:], as: customer)
        #expect(neither.error?.hasSuffix("must match exactly one schema in oneOf") == true)
    }

    @Test("an unknown name is refused, or left out where the server is told to")
    func unknownNames() async throws {
        let strict = ChatFixture()
        let refused = await strict.post("im.create", ["username": "nobody"], as: try strict.person("cust"))
        #expect(refused.error == "Invalid user [error-invalid-user]")
        let lax = ChatFixture { $0.dropsUnknownNames = true }
        let smaller = await lax.post("im.create", ["usernames": "agent.a, nobody"], as: try lax.person("cust"))
        #expect(smaller.json?["room"]?["usernames"] == ["cust", "agent.a"])
    }

    @Test("nine people are too many; excludeSelf connects two others")
    func sizes() async throws {
        let chat = ChatFixture { options in
            for index in 0..<8 { options.users.append(SeedUser(username: "u\(index)", password: "p")) }
        }
        let gateway = try chat.person()
        let names = (0..<8).map { "u\($0)" }.joined(separator: ",")
        let nine = await chat.post("im.create", ["usernames": .string(names)], as: gateway)
        #expect(nine.errorType == "error-direct-message-max-user-exceeded")
        let others = await chat.post("im.create", ["usernames": "cust,agent.a", "excludeSelf": true], as: gateway)
        #expect(others.json?["room"]?["usernames"] == ["cust", "agent.a"])
    }

    @Test("outsiders, admins included, may neither read nor close")
    func outsiders() async throws {
        let chat = ChatFixture()
        let created = await chat.post("im.create", ["username": "agent.a"], as: try chat.person("cust"))
        let id = created.json?["room"]?["_id"]?.text ?? ""
        let gateway = try chat.person()
        let reply = await chat.get("im.history?roomId=\(id)", as: gateway)
        #expect(reply.status == 403)
        #expect(reply.json == ["success": false, "error": "unauthorized"])
        #expect(await chat.post("im.close", ["roomId": .string(id)], as: gateway).status == 403)
    }

    @Test("history is newest first without a total; messages has one")
    func reads() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let created = await chat.post("im.create", ["username": "agent.a"], as: customer)
        let id = created.json?["room"]?["_id"]?.text ?? ""
        for text in ["one", "two", "three"] {
            chat.clock.advance(1)
            _ = await chat.post("chat.postMessage", ["roomId": .string(id), "text": .string(text)], as: customer)
        }
        let history = await chat.get("im.history?roomId=\(id)&count=2", as: customer)
        #expect(history.json?["messages"]?.list?.map { $0["msg"] } == ["three", "two"])
        #expect(history.json?["total"] == nil)
        let messages = await chat.get("dm.messages?username=agent.a&count=1&offset=1", as: customer)
        #expect(messages.json?["messages"]?.list?.map { $0["msg"] } == ["two"])
        #expect(messages.json?["total"] == 3)
    }

    @Test("a name where an id belongs makes the room; a group's id does not pass")
    func lookup() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        #expect(await chat.get("im.messages?roomId=agent.b", as: customer).json?["total"] == 0)
        #expect(chat.journal("room-created").count == 1)
        let group = try await chat.group("g", by: customer)
        let reply = await chat.get("im.history?roomId=\(group)", as: customer)
        #expect(reply.json == ["success": false, "error": "[invalid-channel]", "errorType": "invalid-channel"])
    }

    @Test("closing hides it for the caller; twice is 400; a message opens it again")
    func closes() async throws {
        let chat = ChatFixture()
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        let created = await chat.post("im.create", ["username": "agent.a"], as: customer)
        let body: JSON = ["roomId": created.json?["room"]?["_id"] ?? .null]
        #expect(await chat.post("im.close", body, as: customer).json == ["success": true])
        let twice = await chat.post("im.close", body, as: customer)
        #expect(twice.json?["error"] == "The direct message room, is already closed to the sender")
        _ = await chat.post("chat.postMessage", ["channel": "@cust", "text": "hi"], as: agent)
        #expect(await chat.post("im.close", body, as: customer).status == 200)
    }

    @Test("only admins delete; the messages go too")
    func deletes() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let created = await chat.post("im.create", ["username": "agent.a"], as: customer)
        let body: JSON = ["roomId": created.json?["room"]?["_id"] ?? .null]
        #expect(await chat.post("im.delete", body, as: customer).error == "Not allowed [error-not-allowed]")
        #expect(await chat.post("im.delete", body, as: try chat.person()).status == 200)
        #expect(await chat.post("im.delete", body, as: try chat.person()).error == "[invalid-channel]")
    }
}
