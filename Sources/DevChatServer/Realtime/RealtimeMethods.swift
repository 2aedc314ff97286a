/// The server methods a client may call over the websocket.
enum RealtimeMethods {
    /// How long a token lives, as `login` tells the client: 90 days in milliseconds.
    private static let tokenLifetime = 7_776_000_000

    static func call(
        _ method: String, _ parameters: [JSON], on socket: Int, in world: inout ChatWorld
    ) throws(ChatError) -> JSON {
        if method == "login" { return try login(parameters, on: socket, &world) }
        guard let userID = world.sockets.open[socket]?.userID else {
            throw .code("error-invalid-user", "Invalid user", details: ["method": .string(method)])
        }
        switch method {
        case "logout":
            let token = world.sockets.open[socket]?.token
            world.signOut(socket)
            if let token { world.revoke(token) }
            return .null
        case "sendMessage":
            guard let message = parameters.first?.fields else { throw .code("400", "Match failed") }
            guard let sent = try world.send(message, by: userID) else { return .null }
            return sent.json(.realtime)
        case "loadHistory": return loadHistory(parameters, userID, world)
        case "setUserStatus": return try setUserStatus(parameters, userID, &world)
        case "UserPresence:online", "UserPresence:setDefaultStatus", "UserPresence:away":
            let status = method == "UserPresence:away" ? "away" : parameters.first?.text ?? "online"
            return try setUserStatus([.string(status)], userID, &world)
        case "stream-notify-room":
            let event = parameters.first?.text ?? ""
            let roomID = event.split(separator: "/").first.map(String.init) ?? ""
            guard let room = world.rooms[roomID], world.canAccess(room, userID) else { throw .code("not-allowed") }
            world.relay(event, Array(parameters.dropFirst()), of: roomID)
            return .null
        case "readMessages", "openRoom": return .null
        default: throw .code("404", "Method '\(method)' not found")
        }
    }

    private static func login(
        _ parameters: [JSON], on socket: Int, _ world: inout ChatWorld
    ) throws(ChatError) -> JSON {
        let options = parameters.first?.fields ?? [:]
        let user: StoredUser
        let token: String
        let isResume = options["resume"] != nil
        if let resumed = options["resume"]?.text {
            user = try world.resume(resumed)
            token = resumed
        } else {
            guard let login = options["user"]?["username"]?.text ?? options["user"]?["email"]?.text,
                let password = options["password"]
            else { throw .code("400", "Unrecognized options for login request") }
            (user, token) = try world.signIn(as: login, password: password)
        }
        world.signIn(user.id, token: token, on: socket)
        return [
            "id": .string(user.id), "token": .string(token),
            "tokenExpires": world.now.advanced(by: tokenLifetime).realtime, "type": isResume ? "resume" : "password",
        ]
    }

    /// `[rid, before, count, lastSeen]`: newest first; `false` for a room the user may not read.
    private static func loadHistory(_ parameters: [JSON], _ userID: String, _ world: ChatWorld) -> JSON {
        func parameter(_ index: Int) -> JSON? { parameters.count > index ? parameters[index] : nil }
        guard let room = world.rooms[parameter(0)?.text ?? ""], world.canAccess(room, userID) else { return false }
        let before = parameter(1)?["$date"]?.number
        let count = parameter(2)?.number.flatMap { $0 > 0 ? $0 : nil } ?? 20
        let found = room.messages.reversed().lazy.filter { message in
            before.map { message.at.milliseconds < $0 } ?? true
        }
        return [
            "messages": .array(found.prefix(count).map { $0.json(.realtime) }), "unreadNotLoaded": 0,
        ]
    }

    /// Being online follows from the connection again; anything else is pinned.
    private static func setUserStatus(
        _ parameters: [JSON], _ userID: String, _ world: inout ChatWorld
    ) throws(ChatError) -> JSON {
        guard let status = PresenceStatus(rawValue: parameters.first?.text ?? "online") else {
            throw .code("error-not-allowed", "Invalid status", details: ["method": "setUserStatus"])
        }
        world.changePresence(of: userID) { $0.pinnedStatus = status == .online ? nil : status }
        return .null
    }
}
