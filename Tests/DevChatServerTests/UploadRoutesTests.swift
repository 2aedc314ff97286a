import Testing

@testable import DevChatServer

@Suite("Files in rooms")
struct UploadRoutesTests {
    private static func multipart(_ name: String, _ content: String) -> [UInt8] {
        let disposition = "Content-Disposition: form-data; name="
        let text = "--b\r\n\(disposition)\"msg\"\r\n\r\nlook\r\n"
        let file = "--b\r\n\(disposition)\"file\"; filename=\"\(name)\"\r\nContent-Type: text/plain\r\n\r\n"
        return Array("\(text)\(file)\(content)\r\n--b--\r\n".utf8)
    }

    private static func send(
        _ chat: ChatFixture, _ path: String, as person: ChatFixture.Person
    ) async -> ChatReply {
        await chat.server.answer(
            ChatRequest(
                "POST", path,
                headers: [
                    "content-type": "multipart/form-data; boundary=b", "x-auth-token": person.token,
                    "x-user-id": person.id,
                ], body: multipart("a.txt", "line\r\n\r\n--x")))
    }

    @Test("a file sent in one step is in the message, in groups.files, and can be fetched by members only")
    func uploads() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        let reply = await Self.send(chat, "/api/v1/rooms.upload/\(id)", as: customer)
        #expect(reply.json?["message"]?["msg"] == "look")
        #expect(reply.json?["message"]?["file"]?["name"] == "a.txt")
        let link = reply.json?["message"]?["attachments"]?.list?.first?["title_link"]?.text ?? ""
        let fetched = await chat.get(link, as: customer)
        #expect(fetched.body == Array("line\r\n\r\n--x".utf8))
        #expect(await chat.get(link, as: try chat.person("boss")).status == 403)
        #expect(await chat.get("groups.files?roomId=\(id)", as: customer).json?["total"] == 1)
    }

    @Test("in two steps the message comes with the second")
    func confirms() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        let stored = await Self.send(chat, "/api/v1/rooms.media/\(id)", as: customer)
        let file = stored.json?["file"]?["_id"]?.text ?? ""
        #expect(await chat.get("groups.messages?roomId=\(id)", as: customer).json?["total"] == 0)
        let path = "rooms.mediaConfirm/\(id)/\(file)"
        #expect(await chat.post(path, ["msg": "hi"], as: customer).json?["message"]?["msg"] == "hi")
        #expect(await chat.post(path, ["msg": "hi"], as: customer).errorType == "invalid-file")
    }

    @Test("outsiders and bodies without a file are refused")
    func refuses() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = try await chat.group("g", by: customer)
        #expect(await Self.send(chat, "/api/v1/rooms.upload/\(id)", as: try chat.person("boss")).status == 403)
        #expect(await chat.post("rooms.upload/\(id)", ["a": 1], as: customer).status == 400)
    }

    @Test("cleaning files only leaves the messages; cleaning all leaves nothing; deleting the room too")
    func cleans() async throws {
        let chat = ChatFixture()
        let gateway = try chat.person()
        let id = try await chat.group("g", by: gateway)
        _ = await Self.send(chat, "/api/v1/rooms.upload/\(id)", as: gateway)
        _ = await chat.post("chat.postMessage", ["roomId": .string(id), "text": "words"], as: gateway)
        func clean(_ more: [String: JSON]) async -> ChatReply {
            let body: [String: JSON] = [
                "roomId": .string(id), "oldest": "2000-01-01T00:00:00.000Z", "latest": "2099-01-01T00:00:00.000Z",
            ]
            return await chat.post("rooms.cleanHistory", .object(body.merging(more) { $1 }), as: gateway)
        }
        let files = await clean(["filesOnly": true])
        #expect(files.json == ["_id": .string(id), "count": 1, "success": true])
        #expect(await chat.get("groups.files?roomId=\(id)", as: gateway).json?["total"] == 0)
        #expect(await chat.get("groups.messages?roomId=\(id)", as: gateway).json?["total"] == 2)
        #expect(await clean(["inclusive": true]).json?["count"] == 2)
        #expect(await chat.get("groups.messages?roomId=\(id)", as: gateway).json?["total"] == 0)
        _ = await Self.send(chat, "/api/v1/rooms.upload/\(id)", as: gateway)
        _ = await chat.post("groups.delete", ["roomId": .string(id)], as: gateway)
        #expect(chat.server.withWorld { $0.uploads.isEmpty })
        #expect(chat.journal("upload-deleted").count == 2)
    }

    @Test("cleanHistory is for admins inside")
    func cleanRefusals() async throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        let body: JSON = [
            "roomId": .string(try await chat.group("g", by: agent)), "oldest": "2000-01-01T00:00:00.000Z",
            "latest": "2099-01-01T00:00:00.000Z",
        ]
        let outside = await chat.post("rooms.cleanHistory", body, as: try chat.person("boss"))
        #expect(outside.error == "User does not have access to the room [error-not-allowed]")
        let inside = await chat.post("rooms.cleanHistory", body, as: agent)
        #expect(inside.json?["details"]?["method"] == "cleanRoomHistory")
    }
}
