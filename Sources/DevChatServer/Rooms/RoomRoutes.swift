/// `rooms.*` (contract sheet, section 7).
enum RoomRoutes {
    static var routes: [RESTRoute] {
        [
            .get(
                "rooms.info",
                query: ParameterSchema([.optional("roomId"), .optional("roomName")]), action: info),
            .post("rooms.delete", body: ParameterSchema([.required("roomId")]), action: delete),
            .post(
                "rooms.cleanHistory",
                body: ParameterSchema([
                    .required("roomId"), .required("latest"), .required("oldest"), .optional("inclusive", .boolean),
                    .optional("excludePinned", .boolean), .optional("filesOnly", .boolean),
                    .optional("ignoreThreads", .boolean), .optional("ignoreDiscussion", .boolean),
                    .optional("users", .strings), .optional("limit", .number),
                ]), action: cleanHistory),
        ]
    }

    private static func info(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let found: StoredRoom?
        if let id = call.text("roomId") {
            found = world.rooms[id]
        } else if let name = call.text("roomName") {
            found = world.roomIDsByName[name].flatMap { world.rooms[$0] }
        } else {
            throw .code(
                "error-roomid-param-not-provided", "The parameter \"roomId\" or \"roomName\" is required")
        }
        guard let room = found else {
            throw .code(
                "error-room-not-found",
                "The required \"roomId\" or \"roomName\" param provided does not match any channel")
        }
        if room.archived {
            throw .code("error-room-archived", "The channel, \(room.displayName), is archived")
        }
        guard world.canAccess(room, call.userID) else {
            guard world.band < .nine else { throw .code("not-allowed", "Not Allowed") }
            throw .other(
                status: 400, body: ["success": false, "error": "not-allowed", "errorType": "Not Allowed"])
        }
        return ["room": world.fields(of: room.id)]
    }

    private static func delete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let room = world.rooms[call.text("roomId") ?? ""] else {
            throw .code("error-invalid-room", "Invalid room", details: ["method": "eraseRoom"])
        }
        guard world.allows("delete-\(room.kind.rawValue)", to: call.userID, in: room.id), room.id != "GENERAL" else {
            throw .notAllowed("eraseRoom")
        }
        world.eraseRoom(room.id, by: call.userID)
        return [:]
    }

    private static func cleanHistory(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        guard let room = world.rooms[call.text("roomId") ?? ""], world.canAccess(room, call.userID) else {
            throw .code("error-not-allowed", "User does not have access to the room")
        }
        guard let latest = try call.date("latest"), let oldest = try call.date("oldest") else {
            throw .code("invalid-params", "Body parameters \"latest\" and \"oldest\" are required.")
        }
        guard world.allows("clean-channel-history", to: call.userID, in: room.id) else {
            throw .notAllowed("cleanRoomHistory")
        }
        let inclusive = call.flag("inclusive") ?? false
        let filesOnly = call.flag("filesOnly") ?? false
        let names = call.texts("users").map { Set($0.map { $0.lowercased() }) } ?? []
        let limit = call.number("limit").flatMap { $0 > 0 ? $0 : nil } ?? .max
        let doomed = room.messages.filter { message in
            let within =
                inclusive
                ? message.at >= oldest && message.at <= latest : message.at > oldest && message.at < latest
            let author = message.author["username"]?.text?.lowercased() ?? ""
            return within && (names.isEmpty || names.contains(author)) && (!filesOnly || message.uploadID != nil)
        }.prefix(limit)
        for message in doomed {
            if filesOnly { world.removeFile(of: message) } else { world.erase(message) }
        }
        world.record(
            "history-cleaned",
            ["rid": .string(room.id), "count": .int(doomed.count), "by": world.name(of: call.userID)])
        return ["_id": .string(room.id), "count": .int(doomed.count)]
    }
}
