import Foundation
import TestSupport
import Testing

/// `history_message`: a room's messages for its customer and for the tenant, page by page, nothing lost, nothing twice.
@Suite("History", .ownProcesses, .installation())
struct HistoryTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    /// A group with so many messages of its customer, oldest first.
    private func room(_ count: Int) async throws -> (tenant: TestTenant, rid: String, token: String, id: String) {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let page = try await DevChatSocket.connect(to: chat, token: token)
        for number in 0..<count { try await page.say("message \(number)", in: rid) }
        return (tenant, rid, token, session["id"].string ?? "")
    }

    private func texts(_ answer: HTTPTestJSON) -> [String] { answer["messages"].array.compactMap { $0["msg"].string } }

    private func messages(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "message \($0)" } }

    @Test("messages come newest first with the chat server's keys, 20 unless count says otherwise")
    func newestFirst() async throws {
        let room = try await room(25)
        let answer = try success(try await room.tenant.history(room.rid, token: room.token))
        #expect(texts(answer) == messages((5..<25).reversed()))
        #expect(answer["has_more"] == true)
        let message = answer["messages"][0]
        #expect(message.keys.isSuperset(of: ["_id", "rid", "msg", "ts", "u"]))
        #expect(message["rid"].string == room.rid)
        #expect(message["u"]["_id"].string == room.id)
        #expect(message["ts"].string?.hasSuffix("Z") == true)
        let five = try success(try await room.tenant.history(room.rid, token: room.token, [("count", "5")]))
        #expect(texts(five) == messages((20..<25).reversed()))
    }

    @Test("next goes back as before: every page but the last is full, nothing is lost and nothing twice")
    func backwards() async throws {
        let room = try await room(23)
        var seen: [String] = []
        var sizes: [Int] = []
        var cursor: String?
        repeat {
            let query = [("count", "5")] + (cursor.map { [("before", $0)] } ?? [])
            let answer = try success(try await room.tenant.history(room.rid, token: room.token, query))
            seen += texts(answer)
            sizes.append(answer["messages"].array.count)
            cursor = answer["next"].string
            #expect(answer["has_more"].bool == (cursor != nil))
        } while cursor != nil && sizes.count < 10
        #expect(seen == messages((0..<23).reversed()))
        #expect(sizes == [5, 5, 5, 5, 3])
    }

    @Test("messages of one millisecond are all there, whatever the page size", arguments: [1, 2, 3])
    func equalTimestamps(count: Int) async throws {
        let room = try await room(0)
        // As fast as can be, in parallel: many fall into one millisecond.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let page = try await DevChatSocket.connect(to: chat, token: room.token)
                for number in 0..<6 { group.addTask { try await page.say("quick \(number)", in: room.rid) } }
            }
            try await group.waitForAll()
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let query = [("count", String(count))] + (cursor.map { [("before", $0)] } ?? [])
            let answer = try success(try await room.tenant.history(room.rid, token: room.token, query))
            seen += answer["messages"].array.compactMap { $0["_id"].string }
            cursor = answer["next"].string
        } while cursor != nil && seen.count < 100
        #expect(seen.count == 24)
        #expect(Set(seen).count == 24)
    }

    @Test("forward, after finds what came since, and the cursor stays good for asking again")
    func forwards() async throws {
        let room = try await room(3)
        let first = try success(try await room.tenant.history(room.rid, token: room.token, [("count", "2")]))
        let cursor = try #require(first["next"].string)
        let after = try success(try await room.tenant.history(room.rid, token: room.token, [("after", cursor)]))
        #expect(Set(texts(after)).isSubset(of: Set(messages(0..<3))))
        let end = try #require(after["next"].string)
        let page = try await DevChatSocket.connect(to: chat, token: room.token)
        for number in 10..<15 { try await page.say("message \(number)", in: room.rid) }
        var seen: [String] = []
        var position = end
        for _ in 0..<3 {
            let answer = try success(
                try await room.tenant.history(room.rid, token: room.token, [("after", position), ("count", "2")]))
            seen += texts(answer).reversed()
            position = try #require(answer["next"].string)
        }
        #expect(seen == messages(10..<15))
        let quiet = try success(try await room.tenant.history(room.rid, token: room.token, [("after", position)]))
        #expect(quiet["messages"] == [])
        #expect(quiet["next"].string != nil)
    }

    @Test("count above 100 is taken as 100, and is otherwise a whole number from 1")
    func counts() async throws {
        let room = try await room(105)
        let answer = try success(try await room.tenant.history(room.rid, token: room.token, [("count", "5000")]))
        #expect(answer["messages"].array.count == 100)
        #expect(answer["has_more"] == true)
        for count in ["0", "-1", "x", "1.5"] {
            try expectInvalid(try await room.tenant.history(room.rid, token: room.token, [("count", count)]), ["count"])
        }
    }

    @Test("a bad cursor is a 400 that names the field; both directions at once are too")
    func badCursor() async throws {
        let room = try await room(1)
        for cursor in ["x", "1", "%00", "eyJ0cyI6MX0", String(repeating: "A", count: 2_000)] {
            try expectInvalid(
                try await room.tenant.history(room.rid, token: room.token, [("before", cursor)]), ["before"])
            try expectInvalid(
                try await room.tenant.history(room.rid, token: room.token, [("after", cursor)]), ["after"])
        }
        let reply = try await room.tenant.history(room.rid, token: room.token, [("before", "a"), ("after", "b")])
        #expect(reply.status == 400)
    }

    @Test("join and leave notices are left out, system=1 shows them")
    func notices() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        #expect(try await tenant.transfer(rid, token: token).status == 200)
        let page = try await DevChatSocket.connect(to: chat, token: token)
        try await page.say("hello", in: rid)
        #expect(texts(try success(try await tenant.history(rid, token: token))) == ["hello"])
        let all = try success(try await tenant.history(rid, token: token, [("system", "1")]))["messages"].array
        #expect(all.count > 1)
        #expect(all.contains { $0["t"].string != nil })
    }

    @Test("every page but the last is full although notices lie between the messages")
    func fullPages() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let page = try await DevChatSocket.connect(to: chat, token: token)
        for number in 0..<6 {
            try await page.say("message \(number)", in: rid)
            #expect(try await tenant.transfer(rid, token: token).status == 200)
        }
        let answer = try success(try await tenant.history(rid, token: token, [("count", "4")]))
        #expect(texts(answer) == messages((2..<6).reversed()))
        let rest = try success(
            try await tenant.history(rid, token: token, [("count", "4"), ("before", answer["next"].string ?? "")]))
        #expect(texts(rest) == messages((0..<2).reversed()))
        #expect(rest["has_more"] == false)
        #expect(rest["next"] == .null)
    }

    @Test("a direct room of connect has a history too, for the customer and for the tenant")
    func directRoom() async throws {
        let tenant = try await bed.tenant()
        let answer = try await tenant.connected(someName())
        let (rid, token) = (answer["rid"].string ?? "", answer["token"].string ?? "")
        let page = try await DevChatSocket.connect(to: chat, token: token)
        try await page.say("hello", in: rid)
        #expect(texts(try success(try await tenant.history(rid, token: token))) == ["hello"])
        let accessToken = try await tenant.accessToken()
        #expect(texts(try success(try await tenant.history(rid, token: accessToken))) == ["hello"])
    }

    // MARK: Whose room

    @Test("another customer's, another tenant's and a room that is not there are the same 404")
    func foreignRooms() async throws {
        let mine = try await room(1)
        let neighbour = try await mine.tenant.started()
        let other = try await room(1)
        var bodies: Set<HTTPTestJSON> = []
        for rid in [neighbour["rid"].string ?? "", other.rid, "5f9e8d7c6b5a49382716fedc", "GENERAL"] {
            for call in ["history", "shutdown", "transfer"] {
                let reply =
                    switch call {
                    case "history": try await mine.tenant.history(rid, token: mine.token)
                    case "shutdown": try await mine.tenant.shutdown(rid, token: mine.token)
                    default: try await mine.tenant.transfer(rid, token: mine.token)
                    }
                try expectError(reply, 404, "not found")
                bodies.insert(try withoutRequestID(reply))
            }
        }
        #expect(bodies.count == 1)
        // And for a whole tenant: another one's access token.
        let accessToken = try await mine.tenant.accessToken()
        for rid in [other.rid, "5f9e8d7c6b5a49382716fedc"] {
            bodies.insert(try withoutRequestID(try await mine.tenant.history(rid, token: accessToken)))
            bodies.insert(try withoutRequestID(try await mine.tenant.shutdown(rid, token: accessToken)))
            bodies.insert(try withoutRequestID(try await mine.tenant.transfer(rid, token: accessToken)))
        }
        #expect(bodies.count == 1)
        #expect(try await chat.room(other.rid) != nil)
        #expect(try await chat.room(neighbour["rid"].string ?? "") != nil)
    }

    @Test("a room that was removed at the chat server is 404 once; the customer's next call opens another, at once")
    func removedElsewhere() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let session = try await tenant.started([("name", name)])
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let gateway = try await chat.logIn("gateway", password: DevChatProcess.gatewayPassword)
        #expect(try await chat.call("POST", "groups.delete", as: gateway, ["roomId": .string(rid)]).status == 200)
        try expectError(try await tenant.history(rid, token: token), 404, "not found")
        let again = try await tenant.started([("name", name)])
        #expect(again["rid"] != session["rid"] && again["id"] == session["id"])
        let history = try await tenant.history(again["rid"].string ?? "", token: again["token"].string ?? "")
        #expect(history.status == 200)
    }

    @Test("no token, and one of nobody: 401; no room_id: 400 that names it")
    func refusals() async throws {
        let room = try await room(0)
        let path = "/customers/history_message"
        try expectError(try await bed.client.send(.get(path, [("room_id", room.rid)])), 401, "unauthorized")
        try expectError(try await room.tenant.history(room.rid, token: "nobodys-token"), 401, "unauthorized")
        try expectInvalid(try await bed.client.send(.get(path).with("Authorization", room.token)), ["room_id"])
    }

    @Test("a GET may carry its fields as a form, as the contract documents it")
    func formBody() async throws {
        let room = try await room(2)
        var request = HTTPTestRequest.form("/customers/history_message", [("room_id", room.rid), ("count", "1")])
        request.method = "GET"
        let answer = try success(try await bed.client.send(request.with("Authorization", room.token)))
        #expect(texts(answer) == ["message 1"])
        var query = HTTPTestRequest.form("/customers/history_message?count=2", [("room_id", room.rid), ("count", "1")])
        query.method = "GET"
        #expect(texts(try success(try await bed.client.send(query.with("Authorization", room.token)))).count == 2)
    }
}
