import Synchronization
import Testing

@testable import DevChatServer

/// A websocket without a socket: frames in by call, frames out in a list.
private final class FakeSocket: Sendable {
    private let frames = Mutex<[JSON?]>([])
    private let chat: ChatFixture
    private let number: Mutex<Int>

    init(_ chat: ChatFixture) {
        self.chat = chat
        number = Mutex(0)
        let opened = chat.server.withWorld { world in
            world.openSocket { [self] frame in
                self.frames.withLock { $0.append(frame.flatMap { JSON(parsing: $0) }) }
            }
        }
        number.withLock { $0 = opened }
    }

    /// Sends a frame and answers what came back at once.
    @discardableResult
    func send(_ frame: JSON) -> [JSON] {
        _ = take()
        let number = number.withLock { $0 }
        chat.server.withWorld { $0.receive(frame.written, on: number) }
        return take()
    }

    /// Frames that came since the last look.
    func take() -> [JSON] {
        frames.withLock { frames in
            defer { frames = [] }
            return frames.compactMap { $0 }
        }
    }

    var isClosed: Bool { frames.withLock { $0.contains(nil) } }

    func close() {
        let number = number.withLock { $0 }
        chat.server.withWorld { $0.closeSocket(number) }
    }

    func signIn(_ person: ChatFixture.Person) {
        send(["msg": "connect", "version": "1", "support": ["1"]])
        send(["msg": "method", "method": "login", "id": "l", "params": [["resume": .string(person.token)]]])
    }

    func subscribe(_ collection: String, _ event: String) -> JSON? {
        send([
            "msg": "sub", "id": "s", "name": .string(collection), "params": [.string(event), false],
        ]).first?["msg"]
    }
}

@Suite("Realtime")
struct RealtimeTests {
    @Test("connect, ping and login answer as Meteor does")
    func handshake() throws {
        let chat = ChatFixture()
        let agent = try chat.person("agent.a")
        let socket = FakeSocket(chat)
        #expect(socket.take() == [["server_id": "0"]])
        let connected = socket.send(["msg": "connect", "version": "1", "support": ["1"]])
        #expect(connected.first?["msg"] == "connected")
        #expect(connected.first?["session"]?.text?.count == 17)
        #expect(socket.send(["msg": "ping", "id": "7"]) == [["msg": "pong", "id": "7"]])
        let login: JSON = [
            "msg": "method", "method": "login", "id": "1", "params": [["resume": .string(agent.token)]],
        ]
        let answers = socket.send(login)
        #expect(answers.first?["result"]?["id"] == .string(agent.id))
        #expect(answers.first?["result"]?["token"] == .string(agent.token))
        #expect(answers.first?["result"]?["tokenExpires"]?["$date"]?.number != nil)
        #expect(answers.last == ["msg": "updated", "methods": ["1"]])
    }

    @Test("a bad token is error 403, nonsense is an error frame, unknown methods are 404")
    func refusals() throws {
        let chat = ChatFixture()
        let socket = FakeSocket(chat)
        let login: JSON = ["msg": "method", "method": "login", "id": "1", "params": [["resume": "x"]]]
        #expect(socket.send(login).first?["error"]?["error"] == 403)
        #expect(socket.send("x").first?["msg"] == "error")
        #expect(socket.send(["msg": "connect", "version": "pre2"]) == [["msg": "failed", "version": "1"]])
        socket.signIn(try chat.person("agent.a"))
        let unknown = socket.send(["msg": "method", "method": "nope", "id": "2", "params": []])
        #expect(unknown.first?["error"]?["error"] == 404)
    }

    @Test("a message posted by REST reaches those who listen and may read")
    func pushes() async throws {
        let chat = ChatFixture()
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        let id = try await chat.group("g", ["agent.a"], by: customer)
        let (insider, outsider) = (FakeSocket(chat), FakeSocket(chat))
        #expect(insider.subscribe("stream-room-messages", id) == "nosub")
        insider.signIn(agent)
        outsider.signIn(try chat.person("boss"))
        #expect(insider.subscribe("stream-room-messages", id) == "ready")
        #expect(outsider.subscribe("stream-room-messages", id) == "nosub")
        #expect(outsider.subscribe("stream-notify-user", "\(agent.id)/notification") == "nosub")
        let posted = await chat.post("chat.postMessage", ["roomId": .string(id), "text": "hi"], as: customer)
        let frames = insider.take()
        #expect(frames.count == 1)
        let changed = frames.first
        #expect(changed?["msg"] == "changed")
        #expect(changed?["collection"] == "stream-room-messages")
        #expect(changed?["id"] == "id")
        #expect(changed?["fields"]?["eventName"] == .string(id))
        let message = changed?["fields"]?["args"]?.list?.first
        #expect(message?["_id"] == posted.json?["message"]?["_id"])
        #expect(message?["ts"] == ["$date": posted.json?["ts"] ?? .null])
        #expect(outsider.take() == [])
    }

    @Test("someone removed from the group hears no more, nor after unsub")
    func stops() async throws {
        let chat = ChatFixture()
        let (gateway, agent) = (try chat.person(), try chat.person("agent.a"))
        let id = try await chat.group("g", ["agent.a", "agent.b"], by: gateway)
        let (first, second) = (FakeSocket(chat), FakeSocket(chat))
        first.signIn(agent)
        second.signIn(try chat.person("agent.b"))
        for socket in [first, second] { #expect(socket.subscribe("stream-room-messages", id) == "ready") }
        _ = await chat.post("groups.kick", ["roomId": .string(id), "username": "agent.a"], as: gateway)
        #expect(second.send(["msg": "unsub", "id": "s"]).last == ["msg": "nosub", "id": "s"])
        _ = (first.take(), second.take())
        _ = await chat.post("chat.postMessage", ["roomId": .string(id), "text": "hi"], as: gateway)
        #expect(first.take() == [])
        #expect(second.take() == [])
    }

    @Test("sendMessage stores, pushes and answers; loadHistory is newest first with dates as numbers")
    func sends() async throws {
        let chat = ChatFixture()
        let customer = try chat.person("cust")
        let id = JSON.string(try await chat.group("g", by: customer))
        let socket = FakeSocket(chat)
        socket.signIn(customer)
        for text in ["one", "two"] {
            chat.clock.advance(5)
            let answers = socket.send([
                "msg": "method", "method": "sendMessage", "id": "m",
                "params": [["_id": .string(text), "rid": id, "msg": .string(text)]],
            ])
            #expect(answers.first?["result"]?["_id"] == .string(text))
        }
        let history = socket.send([
            "msg": "method", "method": "loadHistory", "id": "h", "params": [id, .null, 50, .null],
        ]).first?["result"]?["messages"]?.list
        #expect(history?.map { $0["msg"] } == ["two", "one"])
        #expect(history?.first?["ts"]?["$date"]?.number == chat.clock.now.milliseconds)
        let older = socket.send([
            "msg": "method", "method": "loadHistory", "id": "h",
            "params": [id, history?.first?["ts"] ?? .null, 50, .null],
        ])
        #expect(older.first?["result"]?["messages"]?.list?.map { $0["msg"] } == ["one"])
        #expect(await chat.get("groups.messages?roomName=g", as: customer).json?["total"] == 2)
    }

    @Test("a user is online while one websocket is, unless the presence was set on purpose")
    func presence() async throws {
        let chat = ChatFixture()
        let (agent, other) = (try chat.person("agent.a"), try chat.person("agent.b"))
        func status() async -> JSON? {
            await chat.get("users.getPresence?username=agent.a", as: other).json?["presence"]
        }
        let watcher = FakeSocket(chat)
        watcher.signIn(other)
        #expect(watcher.subscribe("stream-notify-logged", "user-status") == "ready")
        let (first, second) = (FakeSocket(chat), FakeSocket(chat))
        first.signIn(agent)
        second.signIn(agent)
        #expect(await status() == "online")
        #expect(
            watcher.take().last?["fields"]?["args"] == [[.string(agent.id), "agent.a", 1, ""]])
        first.close()
        #expect(await status() == "online")
        second.close()
        #expect(await status() == "offline")
        let third = FakeSocket(chat)
        third.signIn(agent)
        third.send(["msg": "method", "method": "setUserStatus", "id": "p", "params": ["busy"]])
        #expect(await status() == "busy")
        third.send(["msg": "method", "method": "UserPresence:online", "id": "p", "params": []])
        #expect(await status() == "online")
        _ = await chat.post("users.setStatus", ["status": "away"], as: agent)
        third.close()
        #expect(await status() == "away")
    }

    @Test("logging the token out closes its websockets, and only those")
    func revocation() async throws {
        let chat = ChatFixture()
        let (first, second) = (try chat.person("agent.a"), try chat.person("agent.a"))
        let (one, two) = (FakeSocket(chat), FakeSocket(chat))
        one.signIn(first)
        two.signIn(second)
        _ = await chat.post("logout", as: first)
        #expect(one.isClosed)
        #expect(!two.isClosed)
        #expect(await chat.get("users.getPresence", as: second).json?["presence"] == "online")
    }

    @Test("a new room is announced to its members, a deleted message to its listeners")
    func notices() async throws {
        let chat = ChatFixture()
        let (customer, agent) = (try chat.person("cust"), try chat.person("agent.a"))
        let socket = FakeSocket(chat)
        socket.signIn(agent)
        #expect(socket.subscribe("stream-notify-user", "\(agent.id)/subscriptions-changed") == "ready")
        let id = try await chat.group("g", ["agent.a"], by: customer)
        #expect(socket.take().first?["fields"]?["args"]?.list?.first == "inserted")
        #expect(socket.subscribe("stream-notify-room", "\(id)/deleteMessage") == "ready")
        _ = await chat.post(
            "chat.sendMessage", ["message": ["rid": .string(id), "msg": "x", "_id": "m"]], as: customer)
        _ = await chat.post("chat.delete", ["roomId": .string(id), "msgId": "m"], as: customer)
        #expect(socket.take().last?["fields"]?["args"] == [["_id": "m"]])
    }
}
