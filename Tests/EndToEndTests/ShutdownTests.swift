import Foundation
import TestSupport
import Testing

/// `shutdown_service`: the problem is solved, the room is closed.
@Suite("Shutdown", .ownProcesses, .installation())
struct ShutdownTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    private func isSignedIn(_ session: HTTPTestJSON) async throws -> Bool {
        let user = (id: session["id"].string ?? session["im"]["_id"].string ?? "", token: session["token"].string ?? "")
        return try await chat.call("GET", "me", as: user).status == 200
    }

    @Test("the room goes with its messages and files; no history is kept")
    func removed() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let user = (id: session["id"].string ?? "", token: token)
        let upload = HTTPTestRequest.multipart("", [("file\"; filename=\"photo.png", "not really a picture")])
        let stored = try await HTTPTestClient(.tcp("127.0.0.1", chat.port)).send(
            HTTPTestRequest(
                "POST", "/api/v1/rooms.media/\(rid)",
                headers: upload.headers + [("X-User-Id", user.id), ("X-Auth-Token", user.token)], body: upload.body))
        let file = try #require(try stored.json["file"]["_id"].string, "\(stored)")
        #expect(try await chat.call("POST", "rooms.mediaConfirm/\(rid)/\(file)", as: user, [:]).status == 200)
        let mark = try await chat.mark()
        #expect(try await tenant.shutdown(rid, token: token).status == 200)
        #expect(try await chat.room(rid) == nil)
        let kinds = try await chat.events(after: mark).filter { $0["rid"].string == rid }.map {
            $0["kind"].string ?? ""
        }
        let (fileGone, roomGone) = (kinds.firstIndex(of: "upload-deleted"), kinds.firstIndex(of: "room-deleted"))
        #expect(fileGone != nil && roomGone != nil, "\(kinds)")
        try expectError(try await tenant.history(rid, token: try await tenant.accessToken()), 404)
    }

    @Test("the customer's chat token is logged out; the same caller again gets 200, for anything else 401")
    func again() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        #expect(try await isSignedIn(session))
        for _ in 0..<3 {
            let reply = try await tenant.shutdown(rid, token: token)
            #expect(reply.status == 200)
            #expect(reply.text == #"{"status":"success"}"#)
        }
        #expect(!(try await isSignedIn(session)))
        #expect(try await tenant.shutdown(rid, token: try await tenant.accessToken()).status == 200)
        try expectError(try await tenant.history(rid, token: token), 401, "unauthorized")
        try expectError(try await tenant.transfer(rid, token: token), 401, "unauthorized")
    }

    @Test("a closed room is another caller's 404 as much as an open one")
    func closedIsForeignToo() async throws {
        let tenant = try await bed.tenant()
        let other = try await bed.tenant()
        let session = try await tenant.started()
        let neighbour = try await tenant.started()
        let rid = session["rid"].string ?? ""
        #expect(try await tenant.shutdown(rid, token: session["token"].string ?? "").status == 200)
        try expectError(try await tenant.shutdown(rid, token: neighbour["token"].string ?? ""), 404)
        try expectError(try await tenant.shutdown(rid, token: try await other.accessToken()), 404)
    }

    @Test("the token stays good while another room of the customer is open")
    func otherRoom() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init("one", isDefault: true), .init("two")]))
        let one = try await tenant.started()
        let token = one["token"].string ?? ""
        let two = try await tenant.started([("department_id", tenant.department(1))], token: token)
        #expect(try await tenant.shutdown(one["rid"].string ?? "", token: token).status == 200)
        #expect(try await isSignedIn(one))
        #expect(try await tenant.history(two["rid"].string ?? "", token: token).status == 200)
        #expect(try await tenant.shutdown(two["rid"].string ?? "", token: token).status == 200)
        #expect(!(try await isSignedIn(one)))
    }

    @Test("closing frees the agent's slot")
    func slot() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(capacity: 1)])]))
        for _ in 0..<3 {
            let session = try await tenant.started()
            #expect(session["state"] == "assigned")
            let reply = try await tenant.shutdown(session["rid"].string ?? "", token: session["token"].string ?? "")
            #expect(reply.status == 200)
        }
    }

    @Test("closing the same room many times at once frees one slot only")
    func parallel() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(capacity: 2)])]))
        let first = try await tenant.started()
        _ = try await tenant.started()
        let (rid, token) = (first["rid"].string ?? "", first["token"].string ?? "")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await tenant.shutdown(rid, token: token).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
        #expect(try await tenant.started()["state"] == "assigned")
        #expect(try await tenant.started()["state"] == "waiting")
    }

    @Test("a direct room of connect is closed like any other, by its customer or by the tenant")
    func direct() async throws {
        let tenant = try await bed.tenant()
        for usesAccessToken in [false, true] {
            let answer = try await tenant.connected(someName())
            let rid = answer["rid"].string ?? ""
            let token = usesAccessToken ? try await tenant.accessToken() : answer["token"].string ?? ""
            #expect(try await tenant.shutdown(rid, token: token).status == 200)
            #expect(try await chat.room(rid) == nil)
        }
    }

    @Test("all rooms that a transferred direct room left behind go with it")
    func transferredDirect() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]))
        let answer = try await tenant.connected(someName())
        let token = answer["token"].string ?? ""
        let moved = try success(try await tenant.transfer(answer["rid"].string ?? "", token: token))
        #expect(try await tenant.shutdown(moved["rid"].string ?? "", token: token).status == 200)
        #expect(try await chat.room(moved["rid"].string ?? "") == nil)
        #expect(try await chat.room(answer["rid"].string ?? "") == nil)
    }

    @Test("no token: 401; no group_id: 400; GET: 405")
    func refusals() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let path = "/customers/shutdown_service"
        let rid = session["rid"].string ?? ""
        try expectError(try await bed.client.send(.form(path, [("group_id", rid)])), 401, "unauthorized")
        try expectInvalid(
            try await bed.client.send(.form(path, []).with("Authorization", session["token"].string)), ["group_id"])
        let get = HTTPTestRequest.get(path, [("group_id", rid)]).with("Authorization", session["token"].string)
        try expectError(try await bed.client.send(get), 405)
        #expect(try await chat.room(rid) != nil)
    }

    // MARK: Archive

    @Test("close: archive keeps the room for the tenant's access token only, and frees its name")
    func archive() async throws {
        let tenant = try await bed.tenant(GatewayTenantPlan { $0.close = "archive" })
        let name = someName()
        let session = try await tenant.started([("name", name)])
        let (rid, token) = (session["rid"].string ?? "", session["token"].string ?? "")
        let page = try await DevChatSocket.connect(to: chat, token: token)
        try await page.say("to be kept", in: rid)
        #expect(try await tenant.shutdown(rid, token: token).status == 200)
        #expect(try await chat.room(rid)?["archived"] == true)

        let accessToken = try await tenant.accessToken()
        let history = try success(try await tenant.history(rid, token: accessToken))
        #expect(history["messages"].array.contains { $0["msg"] == "to be kept" })
        try expectError(try await tenant.history(rid, token: token), 401)
        try expectError(try await tenant.transfer(rid, token: accessToken), 404)

        let second = try await tenant.started([("name", name)])
        #expect(second["rid"] != session["rid"])
        #expect(second["id"] == session["id"])
        try expectError(try await tenant.history(rid, token: second["token"].string ?? ""), 404)
        #expect(try await tenant.shutdown(rid, token: accessToken).status == 200)
        #expect(try await chat.room(rid) != nil)
    }
}
