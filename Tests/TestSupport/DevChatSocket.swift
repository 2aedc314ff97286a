internal import EventLoop

/// A chat client on a websocket, as a customer's page or an agent's desk is one: DDP frames as Rocket.Chat speaks them.
public final class DevChatSocket: Sendable {
    private struct State: Sendable {
        var frames: [HTTPTestJSON] = []
        var isUpgraded = false
        var isEnded = false
        var calls = 0
    }

    private let connection: DevChatSocketConnection
    private let state: WaitableState<State>

    /// Connects, and signs in with a token.
    ///
    /// - Throws: when the server refuses the token.
    public static func connect(to chat: DevChatProcess, token: String) async throws -> DevChatSocket {
        let socket = try await DevChatSocket(chat)
        let result = try await socket.call("login", [["resume": .string(token)]])
        guard result["error"] == .null else { throw HTTPTestError.malformed("login refused: \(result)") }
        return socket
    }

    private init(_ chat: DevChatProcess) async throws {
        guard let loop = HTTPTestClient.loops?.loop else { throw HTTPTestError.malformed("no loop") }
        let state = WaitableState(State())
        self.state = state
        connection = DevChatSocketConnection(.tcp("127.0.0.1", chat.port), loop: loop)
        connection.start { event in
            state.change { state in
                switch event {
                case .upgraded: state.isUpgraded = true
                case .frame(let text):
                    if let frame = try? HTTPTestJSON(parsing: Array(text.utf8)) { state.frames.append(frame) }
                case .ended: state.isEnded = true
                }
            }
        }
        _ = try await state.wait(for: "the websocket's upgrade") { $0.isUpgraded ? true : nil }
        send(["msg": "connect", "version": "1", "support": ["1"]])
        _ = try await frame { $0["msg"] == "connected" }
    }

    deinit { connection.close() }

    /// Calls a method and returns the whole `result` frame.
    @discardableResult
    public func call(_ method: String, _ parameters: [HTTPTestJSON]) async throws -> HTTPTestJSON {
        let id = nextID()
        send(["msg": "method", "method": .string(method), "id": .string(id), "params": .array(parameters)])
        return try await frame { $0["msg"] == "result" && $0["id"] == .string(id) }
    }

    /// Listens to a room's messages.
    ///
    /// - Throws: when the server does not let this user.
    public func subscribe(to rid: String) async throws {
        let id = nextID()
        send(["msg": "sub", "id": .string(id), "name": "stream-room-messages", "params": [.string(rid), false]])
        let answer = try await frame { $0["msg"] == "ready" && $0["subs"][0] == .string(id) || $0["id"] == .string(id) }
        guard answer["msg"] == "ready" else { throw HTTPTestError.malformed("subscription refused: \(answer)") }
    }

    /// Says something in a room.
    ///
    /// - Throws: when the server refuses it.
    public func say(_ text: String, in rid: String) async throws {
        let result = try await call("sendMessage", [["rid": .string(rid), "msg": .string(text)]])
        guard result["error"] == .null else { throw HTTPTestError.malformed("message refused: \(result)") }
    }

    /// The message with this text, as soon as it was pushed.
    @discardableResult
    public func heard(_ text: String, in rid: String) async throws -> HTTPTestJSON {
        let frame = try await frame { frame in
            frame["collection"] == "stream-room-messages" && frame["fields"]["args"][0]["msg"] == .string(text)
                && frame["fields"]["args"][0]["rid"] == .string(rid)
        }
        return frame["fields"]["args"][0]
    }

    /// Returns when the server has closed the websocket.
    public func waitForEnd() async throws {
        _ = try await state.wait(for: "the websocket's end") { $0.isEnded ? true : nil }
    }

    private func frame(where fits: @escaping @Sendable (HTTPTestJSON) -> Bool) async throws -> HTTPTestJSON {
        try await state.wait(for: "a frame of the websocket") { $0.frames.first(where: fits) }
    }

    private func nextID() -> String {
        String(
            state.change { state in
                state.calls += 1
                return state.calls
            })
    }

    private func send(_ frame: HTTPTestJSON) { connection.send("\(frame)") }
}
