import Foundation
import Testing

@testable import DevChatServer

@Suite("On a port")
struct ChatListenerTests {
    /// Runs the body against a listener on a free port, which ends with it.
    private static func listening(
        _ options: ServerOptions = ServerOptions(),
        _ body: @Sendable @escaping (String, ChatServer) async throws -> Void
    ) async throws {
        let chat = ChatServer(options: options)
        let listener = try ChatListener(chat)
        let serving = Task { try await listener.run() }
        let result = await Task { try await body(try await listener.url(), chat) }.result
        await listener.stop()
        serving.cancel()
        _ = await serving.result
        try result.get()
    }

    private static func options(_ faults: Fault...) -> ServerOptions {
        var options = ServerOptions()
        options.users.append(SeedUser(username: "agent.a", password: "pw-a", personalToken: "pat-a"))
        options.faults = faults
        return options
    }

    @Test("one kept connection carries many requests, each with the peer's address for the limiter")
    func keepsConnections() async throws {
        try await Self.listening(Self.options()) { url, _ in
            var connection = try await RawConnection(url: url)
            let login = try await connection.request(
                "POST", "/api/v1/login", ["user": "gateway", "password": "gateway"])
            #expect(login.status == 200)
            #expect(login.head.contains("Cache-Control: no-store"))
            #expect(login.head.contains("X-RateLimit-Remaining: 9"))
            let token = login.json?["data"]?["authToken"]?.text ?? ""
            let me = try await connection.request(
                "GET", "/api/v1/me", headers: ["x-auth-TOKEN": token, "X-User-Id": SeedUser.serviceAccountID])
            #expect(me.json?["username"] == "gateway")
        }
    }

    @Test("a body larger than one read arrives whole")
    func largeBody() async throws {
        try await Self.listening(Self.options()) { url, _ in
            var connection = try await RawConnection(url: url)
            let long = JSON.string(String(repeating: "x", count: 60_000))
            let reply = try await connection.request("POST", "/_devchat/users", ["username": "u", "name": long])
            #expect(reply.json?["users"]?.list?.first?["name"] == long)
        }
    }

    @Test("a truncated answer ends in the middle of its body")
    func truncates() async throws {
        try await Self.listening(Self.options(Fault(route: "info", kind: .truncate))) { url, _ in
            var connection = try await RawConnection(url: url)
            try await connection.send("GET /api/info HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try await connection.head()
            #expect(head.contains("Content-Length: 32"))
            #expect(String(decoding: try await connection.take(16), as: UTF8.self) == #"{"success":true,"#)
            await #expect(throws: (any Error).self) { _ = try await connection.take(1) }
        }
    }

    @Test("reset and silence end the connection without a byte", arguments: [Fault.Kind.reset, .createdButTimeout])
    func disconnects(_ kind: Fault.Kind) async throws {
        try await Self.listening(Self.options(Fault(route: "info", kind: kind, milliseconds: 1))) { url, chat in
            var connection = try await RawConnection(url: url)
            try await connection.send("GET /api/info HTTP/1.1\r\nHost: x\r\n\r\n")
            await #expect(throws: (any Error).self) { _ = try await connection.take(1) }
            #expect(chat.withWorld { $0.calls.json["statuses"] } == ["GET info": ["0": 1]])
        }
    }

    @Test("two people talk over websockets; the presence goes with the connection")
    func talks() async throws {
        try await Self.listening(Self.options()) { url, chat in
            let ids = chat.withWorld { world in
                (world.user(named: "agent.a")?.id ?? "", world.mintToken(for: SeedUser.serviceAccountID))
            }
            var (agent, gateway) = (try await WebSocketConnection(url: url), try await WebSocketConnection(url: url))
            try await agent.send(["msg": "connect", "version": "1", "support": ["1"]])
            _ = try await agent.next("connected")
            try await agent.send(["msg": "method", "method": "login", "id": "1", "params": [["resume": "pat-a"]]])
            #expect(try await agent.next("result")["result"]?["id"] == .string(ids.0))
            try await gateway.send([
                "msg": "method", "method": "login", "id": "1", "params": [["resume": .string(ids.1)]],
            ])
            #expect(try await gateway.next("result")["error"] == nil)
            #expect(chat.withWorld { $0.users[ids.0]?.status } == .online)
            let room = chat.withWorld { $0.directRoom(of: [ids.0, SeedUser.serviceAccountID])?.id ?? "" }
            try await agent.send([
                "msg": "sub", "id": "s", "name": "stream-room-messages", "params": [.string(room), false],
            ])
            _ = try await agent.next("ready")
            let long = JSON.string(String(repeating: "你好", count: 1000))
            try await gateway.send([
                "msg": "method", "method": "sendMessage", "id": "2", "params": [["rid": .string(room), "msg": long]],
            ])
            let pushed = try await agent.next("changed")
            #expect(pushed["fields"]?["args"]?.list?.first?["msg"] == long)
            let seen = chat.withWorld { $0.journal.last }
            try agent.close()
            var connection = try await RawConnection(url: url)
            let closed = try await connection.request("GET", "/_devchat/journal?after=\(seen)&wait=60000")
            let kinds = closed.json?["events"]?.list?.compactMap { $0["kind"]?.text }
            #expect(kinds?.contains("socket-closed") == true)
            #expect(chat.withWorld { $0.users[ids.0]?.status } == .offline)
            try gateway.close()
        }
    }

    @Test("200 requests wait at once and all are answered")
    func concurrent() async throws {
        try await Self.listening(Self.options(Fault(route: "info", kind: .latency, milliseconds: 200))) { url, chat in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        var connection = try await RawConnection(url: url)
                        return try await connection.request("GET", "/api/info").status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(chat.withWorld { $0.calls.json["calls"]?["GET info"] } == 200)
        }
    }
}
