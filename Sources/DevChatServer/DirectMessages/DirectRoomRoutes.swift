/// `im.*` and its alias `dm.*` (contract sheet, section 4); reading messages is in `HistoryRoutes`.
enum DirectRoomRoutes {
    static var routes: [RESTRoute] {
        ["im", "dm"].flatMap { prefix -> [RESTRoute] in
            [
                .post(
                    "\(prefix).create",
                    body: ParameterSchema(
                        [.optional("username"), .optional("usernames"), .optional("excludeSelf", .boolean)],
                        exactlyOneOf: ["username", "usernames"]), action: create),
                .post("\(prefix).close", body: ParameterSchema([.required("roomId")]), action: close),
                .post(
                    "\(prefix).delete",
                    body: ParameterSchema(
                        [.optional("roomId"), .optional("username")], exactlyOneOf: ["roomId", "username"]),
                    action: delete),
                .get("\(prefix).list", action: list),
                .get(
                    "\(prefix).members",
                    query: ParameterSchema(
                        [
                            .optional("roomId"), .optional("username"), .optional("offset", .number),
                            .optional("count", .number), .optional("sort"), .optional("status", .strings),
                            .optional("filter"),
                        ]), action: members),
            ]
        }
    }

    private static func create(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let names =
            call.text("usernames")?.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
            ?? [call.text("username") ?? ""]
        var others: [StoredUser] = []
        for name in names {
            if let user = world.user(named: name) {
                others.append(user)
            } else if !world.options.dropsUnknownNames, !call.dropsUnknownNames {
                throw .code("error-invalid-user", "Invalid user", details: ["method": "createDirectMessage"])
            }
        }
        let excludesSelf = call.flag("excludeSelf") == true && call.text("usernames") != nil
        let people = (excludesSelf ? [] : [call.userID]) + others.map(\.id)
        guard Set(people).count <= ChatWorld.directRoomCap else {
            throw .code(
                "error-direct-message-max-user-exceeded",
                "You cannot add more than \(ChatWorld.directRoomCap) users, including yourself to a direct message",
                details: ["method": "createDirectMessage"])
        }
        if !world.allows("create-d", to: call.userID) {
            guard world.allows("view-d-room", to: call.userID),
                world.directRoomIDs[StoredRoom.directKey(people)] != nil
            else { throw .notAllowed("createDirectMessage") }
        }
        guard let room = world.directRoom(of: people) else {
            throw .code("error-invalid-user", "Invalid user", details: ["method": "createDirectMessage"])
        }
        if !excludesSelf { world.rooms[room.id]?.members[call.userID]?.open = true }
        let usernames = room.order.compactMap { world.users[$0] }.map { JSON.string($0.username) }
        return [
            "room": [
                "t": "d", "rid": .string(room.id), "_id": .string(room.id), "usernames": .array(usernames),
            ]
        ]
    }

    private static func close(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let room = world.rooms[call.text("roomId") ?? ""], room.kind == .direct else {
            throw .code(
                "error-room-not-found",
                "The required \"roomId\" param provided does not match any direct message")
        }
        guard world.canAccess(room, call.userID) else { throw .forbidden }
        guard let member = room.members[call.userID] else {
            throw .plain("The user is not subscribed to the room")
        }
        guard member.open else {
            throw .plain("The direct message room, is already closed to the sender")
        }
        world.rooms[room.id]?.members[call.userID]?.open = false
        return [:]
    }

    private static func delete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedDirectRoom(call)
        let may = world.canAccess(room, call.userID) || world.allows("view-room-administration", to: call.userID)
        guard may, world.allows("delete-d", to: call.userID) else {
            throw .code("error-not-allowed", "Not allowed")
        }
        world.eraseRoom(room.id, by: call.userID)
        return [:]
    }

    private static func list(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let users = world.users
        return Page(call).reply("ims", world.rooms(of: call.userID, kind: .direct)) { $0.fields(users: users) }
    }

    private static func members(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.readableDirectRoom(call)
        let users = room.order.compactMap { world.users[$0] }
        return Page(call).reply("members", users) { .object($0.publicFields) }
    }
}
