/// Finding people and rooms that one does not know yet: `directory`, `spotlight`, `users.autocomplete`,
/// `channels.list`, `rooms.get`, with the permissions that Rocket.Chat's `browseChannels`, `Spotlight` and
/// `findUsersToAutocomplete` ask for.
enum DirectoryRoutes {
    static var routes: [RESTRoute] {
        [
            .get(
                "directory",
                query: ParameterSchema([
                    .optional("text"), .optional("type"), .optional("workspace"), .optional("sort"),
                    .optional("offset", .number), .optional("count", .number),
                ]), action: directory),
            .get("spotlight", query: ParameterSchema([.required("query")]), action: spotlight),
            .get("users.autocomplete", query: ParameterSchema([.required("selector")]), action: autocomplete),
            .get(
                "channels.list", .legacy, permissions: ["view-c-room", "view-joined-room"], action: channels),
            .get("channels.list.joined", .legacy, action: joinedChannels),
            .get("rooms.get", query: ParameterSchema([.optional("updatedSince")]), action: ownRooms),
        ]
    }

    private static func directory(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let text = call.text("text") ?? ""
        switch call.text("type") ?? "channels" {
        case "channels" where world.allows("view-c-room", to: call.userID):
            let found = world.channels.filter { matches(text, $0.name, $0.displayName) }
            return Page(call).reply("result", found) { summary(of: $0) }
        case "users"
        where world.allows("view-outside-room", to: call.userID) && world.allows("view-d-room", to: call.userID):
            let full = world.allows("view-full-other-user-info", to: call.userID)
            return Page(call).reply("result", people(world, text)) { user in
                var fields: [String: JSON] = [
                    "_id": .string(user.id), "username": .string(user.username), "name": .string(user.name),
                    "createdAt": .string(user.createdAt.iso),
                ]
                if full { fields["emails"] = user.infoFields(full: true)["emails"] }
                return .object(fields)
            }
        default: throw .plain("Please verify the parameters")
        }
    }

    private static func spotlight(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let text = call.text("query") ?? ""
        let seesOutside = world.allows("view-outside-room", to: call.userID)
        let seesAll = seesOutside && world.allows("view-d-room", to: call.userID)
        let users = seesAll ? people(world, text) : people(world, text, knownTo: call.userID, in: [.direct])
        let rooms =
            seesOutside && world.allows("view-c-room", to: call.userID)
            ? world.channels.filter { $0.members[call.userID] == nil && matches(text, $0.name, $0.displayName) } : []
        return [
            "users": .array(
                users.prefix(5).map { user in .object(user.publicFields.merging(["outside": true]) { $1 }) }),
            "rooms": .array(rooms.prefix(5).map { summary(of: $0) }),
        ]
    }

    private static func autocomplete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let selector = JSON(parsing: Array((call.text("selector") ?? "").utf8)), let text = selector["term"]?.text
        else { throw .plain("The 'selector' param is required") }
        let users =
            world.allows("view-outside-room", to: call.userID)
            ? people(world, text) : people(world, text, knownTo: call.userID, in: [.direct, .group, .channel])
        return [
            "items": .array(
                users.prefix(10).map { user in
                    [
                        "_id": .string(user.id), "username": .string(user.username), "name": .string(user.name),
                        "status": .string(user.status.rawValue),
                    ]
                })
        ]
    }

    private static func channels(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard world.allows("view-c-room", to: call.userID) else { return try joinedChannels(&world, call) }
        return Page(call).reply("channels", world.channels) { $0.fields(users: world.users) }
    }

    private static func joinedChannels(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        Page(call).reply("channels", world.rooms(of: call.userID, kind: .channel)) { $0.fields(users: world.users) }
    }

    private static func ownRooms(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let rooms = [StoredRoom.Kind.channel, .group, .direct].flatMap { world.rooms(of: call.userID, kind: $0) }
        return ["update": .array(rooms.map { $0.fields(users: world.users) }), "remove": []]
    }

    /// Active users whose names contain the text, by username.
    private static func people(_ world: ChatWorld, _ text: String) -> [StoredUser] {
        world.users.values.filter { $0.active && matches(text, $0.username, $0.name) }
            .sorted { $0.username < $1.username }
    }

    /// Of these, the ones who are in a room of such a kind with the user.
    private static func people(
        _ world: ChatWorld, _ text: String, knownTo userID: String, in kinds: [StoredRoom.Kind]
    ) -> [StoredUser] {
        let known = Set(kinds.flatMap { world.rooms(of: userID, kind: $0) }.flatMap(\.order)).subtracting([userID])
        return people(world, text).filter { known.contains($0.id) }
    }

    private static func matches(_ text: String, _ names: String...) -> Bool {
        text.isEmpty || names.contains { $0.lowercased().contains(text.lowercased()) }
    }

    private static func summary(of room: StoredRoom) -> JSON {
        [
            "_id": .string(room.id), "t": .string(room.kind.rawValue), "name": .string(room.name),
            "fname": .string(room.displayName), "ts": .string(room.createdAt.iso),
            "usersCount": .int(room.members.count),
        ]
    }
}

extension ChatWorld {
    /// All channels, by name.
    fileprivate var channels: [StoredRoom] {
        rooms.values.filter { $0.kind == .channel }.sorted { $0.name < $1.name }
    }
}
