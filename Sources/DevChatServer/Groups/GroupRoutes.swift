/// Making, reading and changing private groups (contract sheet, section 5).
enum GroupRoutes {
    static var routes: [RESTRoute] {
        [
            .post("groups.create", .legacy, action: GroupCreation.create),
            .get("groups.info", .legacy, action: info),
            .get("groups.list", .legacy, action: list),
            .get("groups.listAll", .legacy, permissions: ["view-room-administration"], action: listAll),
            .post("groups.rename", .legacy, action: rename),
            .post("groups.setTopic", .legacy, action: setTopic),
            .post("groups.setCustomFields", .legacy, action: setCustomFields),
            .post("groups.archive", .legacy, action: archive),
            .post("groups.unarchive", .legacy, action: unarchive),
            .post("groups.delete", .legacy, action: delete),
        ]
    }

    private static func info(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID)
        return ["group": world.fields(of: room.id)]
    }

    private static func list(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let users = world.users
        return Page(call).reply("groups", world.rooms(of: call.userID, kind: .group)) { $0.fields(users: users) }
    }

    private static func listAll(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let users = world.users
        let groups = world.rooms.values.filter { $0.kind == .group }.sorted { $0.name < $1.name }
        return Page(call).reply("groups", groups) { $0.fields(users: users) }
    }

    private static func rename(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let name = call.text("name")?.trimmed, !name.isEmpty else {
            throw .plain("The bodyParam \"name\" is required")
        }
        let room = try world.editableGroup(call, permission: "edit-room")
        guard room.name != name else {
            throw .plain("The room name is the same as what it would be renamed to.")
        }
        try world.demandRoomName(name, renaming: room.id)
        world.roomIDsByName[room.name] = nil
        world.roomIDsByName[name] = room.id
        world.rooms[room.id]?.name = name
        world.rooms[room.id]?.displayName = name
        world.record(
            "room-renamed", ["rid": .string(room.id), "name": .string(name), "by": world.name(of: call.userID)])
        world.say("r", name, in: room.id, by: call.userID)
        return ["group": world.fields(of: room.id)]
    }

    private static func setTopic(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let topic = call.values["topic"]?.text else { throw .plain("The bodyParam \"topic\" is required") }
        let room = try world.editableGroup(call, permission: "edit-room")
        world.rooms[room.id]?.topic = topic
        world.say("room_changed_topic", topic, in: room.id, by: call.userID)
        return ["topic": .string(topic)]
    }

    private static func setCustomFields(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        guard let fields = call.values["customFields"]?.fields else {
            throw .plain("The bodyParam \"customFields\" is required with a type like object.")
        }
        let room = try world.editableGroup(call, permission: "edit-room")
        world.rooms[room.id]?.customFields = fields
        world.rooms[room.id]?.updatedAt = world.now
        return ["group": world.fields(of: room.id)]
    }

    private static func archive(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID, unarchived: true)
        guard world.allows("archive-room", to: call.userID, in: room.id) else {
            throw .code("error-not-authorized", "Not authorized", details: ["method": "archiveRoom"])
        }
        setArchived(true, room, &world, call)
        return [:]
    }

    private static func unarchive(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID)
        guard world.allows("unarchive-room", to: call.userID, in: room.id) else {
            throw .code("error-not-authorized", "Not authorized", details: ["method": "unarchiveRoom"])
        }
        setArchived(false, room, &world, call)
        return [:]
    }

    private static func setArchived(
        _ archived: Bool, _ room: StoredRoom, _ world: inout ChatWorld, _ call: RESTCall
    ) {
        world.rooms[room.id]?.archived = archived
        world.record(
            archived ? "room-archived" : "room-unarchived",
            ["rid": .string(room.id), "name": .string(room.name), "by": world.name(of: call.userID)])
        world.say(archived ? "room-archived" : "room-unarchived", "", in: room.id, by: call.userID)
    }

    private static func delete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID)
        guard world.allows("delete-p", to: call.userID, in: room.id) else { throw .notAllowed("eraseRoom") }
        world.eraseRoom(room.id, by: call.userID)
        return [:]
    }
}

extension String {
    /// Without white space at either end, as the server stores texts.
    var trimmed: String {
        let tail = drop { $0.isWhitespace }
        guard let last = tail.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(tail[...last])
    }
}
