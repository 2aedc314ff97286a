/// The private API under `/_devchat/` with which tests steer and watch the server; it has no counterpart in
/// Rocket.Chat, asks for no token and is never limited, counted or broken.
///
/// ```
/// POST   /_devchat/fault      {"route","kind","ms","status","count","skip","body","onlyRequests"}   arm
/// GET    /_devchat/fault                                                      what is armed
/// DELETE /_devchat/fault                                                      disarm all
/// POST   /_devchat/users      {"username","password","name","email","roles","status","id"} or a list of them
/// GET    /_devchat/users      every user with presence and number of tokens
/// POST   /_devchat/presence   {"username","status"}; "auto" follows the websockets again
/// POST   /_devchat/revoke     {"username"}: every token of the user
/// POST   /_devchat/reset      back to the start
/// GET    /_devchat/journal    ?after=N&count=N&wait=MS&kinds=A,B; `first` is the oldest that is kept
/// GET    /_devchat/calls      counts by route
/// DELETE /_devchat/calls      counts from zero
/// GET    /_devchat/rooms      every room with its people
/// GET    /_devchat/uploads    every stored file
/// ```
enum ControlAPI {
    static func answer(_ request: ChatRequest, _ server: ChatServer) async -> ChatReply {
        let body = JSON(parsing: request.body)
        switch (request.method, request.path) {
        case ("POST", "/_devchat/fault"):
            guard let fault = body?.fields.flatMap(Fault.init(json:)) else { return refusal("not a fault") }
            server.withWorld { $0.faults.arm(fault) }
        case ("GET", "/_devchat/fault"):
            return ChatReply(json: [
                "faults": .array(server.withWorld { $0.faults.armed.map(\.json) }), "success": true,
            ])
        case ("DELETE", "/_devchat/fault"): server.withWorld { $0.faults.clear() }
        case ("GET", "/_devchat/users"): return ChatReply(json: server.withWorld(users))
        case ("POST", "/_devchat/users"): return addUsers(body, server)
        case ("POST", "/_devchat/presence"): return setPresence(body, server)
        case ("POST", "/_devchat/revoke"):
            let name = body?["username"]?.text ?? ""
            let found = server.withWorld { world in
                guard let user = world.user(named: name) else { return false }
                world.revokeAllTokens(of: user.id)
                return true
            }
            guard found else { return refusal("no such user") }
        case ("POST", "/_devchat/reset"): server.reset()
        case ("GET", "/_devchat/journal"): return await journal(request, server)
        case ("GET", "/_devchat/calls"): return ChatReply(json: server.withWorld { $0.calls.json })
        case ("DELETE", "/_devchat/calls"): server.withWorld { $0.calls.clear() }
        case ("GET", "/_devchat/rooms"): return ChatReply(json: server.withWorld(rooms))
        case ("GET", "/_devchat/uploads"):
            let uploads = server.withWorld { world in
                world.uploads.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) }.map(\.json)
            }
            return ChatReply(json: ["uploads": .array(uploads), "success": true])
        default: return ChatReply(status: 404, json: ["success": false, "error": "no such control"])
        }
        return ChatReply(json: ["success": true])
    }

    private static func refusal(_ reason: String) -> ChatReply {
        ChatReply(status: 400, json: ["success": false, "error": .string(reason)])
    }

    private static func addUsers(_ body: JSON?, _ server: ChatServer) -> ChatReply {
        let seeds = (body?.list ?? body.map { [$0] } ?? []).map(SeedUser.init(json:))
        guard !seeds.isEmpty, !seeds.contains(where: { $0 == nil }) else { return refusal("not a user") }
        let added = server.withWorld { world in
            seeds.compactMap { $0 }.map { seed in
                world.seed(seed).map { JSON.object($0.infoFields(full: true)) } ?? .null
            }
        }
        guard !added.contains(.null) else { return refusal("a name, address or id is taken") }
        return ChatReply(json: ["users": .array(added), "success": true])
    }

    private static func setPresence(_ body: JSON?, _ server: ChatServer) -> ChatReply {
        let text = body?["status"]?.text ?? ""
        let status = PresenceStatus(rawValue: text)
        guard status != nil || text == "auto" else { return refusal("not a status") }
        let name = body?["username"]?.text ?? ""
        let found = server.withWorld { world in
            guard let user = world.user(named: name) else { return false }
            world.changePresence(of: user.id) { $0.pinnedStatus = status }
            return true
        }
        return found ? ChatReply(json: ["success": true]) : refusal("no such user")
    }

    /// Entries after a number, of these kinds or of all; with `wait`, answers once there is one or the time has passed.
    private static func journal(_ request: ChatRequest, _ server: ChatServer) async -> ChatReply {
        let query = request.queryFields
        let after = query["after"]?.text.flatMap { Int($0) } ?? 0
        let count = query["count"]?.text.flatMap { Int($0) } ?? 10_000
        let kinds = query["kinds"]?.text.map { Set($0.split(separator: ",").map(String.init)) }
        var patience = query["wait"]?.text.flatMap { Int($0) } ?? 0
        while patience > 0, server.withWorld({ $0.journal.last }) <= after, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(min(20, patience)))
            patience -= 20
        }
        return server.withWorld { world in
            let entries = world.journal.entries(after: after, count: count)
            let wanted = entries.filter { kinds?.contains($0.kind) ?? true }
            return ChatReply(
                json: [
                    "events": .array(wanted.map(\.json)), "next": .int(entries.last?.number ?? after),
                    "first": .int(world.journal.oldest), "last": .int(world.journal.last), "success": true,
                ])
        }
    }

    private static func users(_ world: inout ChatWorld) -> JSON {
        let users = world.users.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map { user in
            JSON.object(
                user.infoFields(full: true).merging(["tokens": .int(user.tokens.count)], uniquingKeysWith: { $1 }))
        }
        return ["users": .array(users), "success": true]
    }

    private static func rooms(_ world: inout ChatWorld) -> JSON {
        let rooms = world.rooms.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map { room -> JSON in
            [
                "_id": .string(room.id), "t": .string(room.kind.rawValue), "name": .string(room.name),
                "archived": .bool(room.archived), "msgs": .int(room.messages.count),
                "topic": room.topic.map(JSON.string) ?? .null, "customFields": .object(room.customFields),
                "members": .array(room.order.map { world.name(of: $0) }),
                "owners": .array(room.owners.map { world.name(of: $0) }),
            ]
        }
        return ["rooms": .array(rooms), "success": true]
    }
}
