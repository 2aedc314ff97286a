extension ChatWorld {
    /// Takes one frame of the DDP protocol from a websocket (contract sheet, "Realtime"); answers go to the outbox.
    mutating func receive(_ text: String, on socket: Int) {
        guard let frame = JSON(parsing: text)?.fields, let kind = frame["msg"]?.text else {
            return answer(["msg": "error", "reason": "Parse error"], on: socket)
        }
        let id = frame["id"]?.text
        switch kind {
        case "connect":
            guard frame["version"]?.text == "1" else { return answer(["msg": "failed", "version": "1"], on: socket) }
            answer(["msg": "connected", "session": .string(ids.shortID())], on: socket)
        case "ping":
            answer(id.map { ["msg": "pong", "id": .string($0)] } ?? ["msg": "pong"], on: socket)
        case "pong": break
        case "method": call(frame, id: id ?? "", on: socket)
        case "sub": subscribe(frame, id: id ?? "", on: socket)
        case "unsub":
            sockets.unsubscribe(socket, id: id ?? "")
            answer(["msg": "nosub", "id": .string(id ?? "")], on: socket)
        default: answer(["msg": "error", "reason": "Bad request", "offendingMessage": .object(frame)], on: socket)
        }
    }

    private mutating func answer(_ frame: JSON, on socket: Int) {
        outbox.append((socket, frame.written))
    }

    private mutating func call(_ frame: [String: JSON], id: String, on socket: Int) {
        let method = frame["method"]?.text ?? ""
        var reply: [String: JSON] = ["msg": "result", "id": .string(id)]
        do throws(ChatError) {
            reply["result"] = try RealtimeMethods.call(method, frame["params"]?.list ?? [], on: socket, in: &self)
        } catch {
            reply["error"] = error.realtime
        }
        let user = sockets.open[socket]?.userID.map { name(of: $0) } ?? .null
        record(
            "method", ["method": .string(method), "user": user, "failed": .bool(reply["error"] != nil)])
        answer(.object(reply), on: socket)
        answer(["msg": "updated", "methods": [.string(id)]], on: socket)
    }

    private mutating func subscribe(_ frame: [String: JSON], id: String, on socket: Int) {
        let collection = frame["name"]?.text ?? ""
        let event = frame["params"]?.list?.first?.text ?? ""
        guard let refusal = refusal(of: collection, event, on: socket) else {
            sockets.subscribe(socket, id: id, to: SocketBook.Stream(collection: collection, event: event))
            return answer(["msg": "ready", "subs": [.string(id)]], on: socket)
        }
        answer(["msg": "nosub", "id": .string(id), "error": refusal.realtime], on: socket)
    }

    /// Why the socket may not listen; nil when it may.
    private func refusal(of collection: String, _ event: String, on socket: Int) -> ChatError? {
        let notAllowed = ChatError.code("not-allowed")
        guard collection.hasPrefix("stream-") else {
            return .code("404", "Subscription '\(collection)' not found")
        }
        guard let userID = sockets.open[socket]?.userID else { return notAllowed }
        switch collection {
        case "stream-room-messages", "stream-notify-room":
            if event == "__my_messages__" { return nil }
            let roomID = event.split(separator: "/").first.map(String.init) ?? ""
            guard let room = rooms[roomID], canAccess(room, userID) else { return notAllowed }
            return nil
        case "stream-notify-user": return event.hasPrefix(userID + "/") ? nil : notAllowed
        default: return nil
        }
    }
}
