/// Reading a room's messages: `*.history`, `*.messages`, `chat.syncMessages` (contract sheet, sections 4 to 6).
enum HistoryRoutes {
    static var routes: [RESTRoute] {
        let direct = ["im", "dm"].flatMap { prefix -> [RESTRoute] in
            [
                .get("\(prefix).history", query: historyQuery) { (world, call) throws(ChatError) in
                    let room = try world.readableDirectRoom(call)
                    return try history(of: room, call, threads: false, page: Page(call))
                },
                .get("\(prefix).messages", query: messagesQuery) { (world, call) throws(ChatError) in
                    messages(of: try world.readableDirectRoom(call), call)
                },
            ]
        }
        return direct + [
            .get("groups.history", .legacy) { (world, call) throws(ChatError) in
                let room = try world.referencedGroup(call, reader: call.userID)
                return try history(of: room, call, threads: true, page: Page(call, defaultCount: 20, capped: false))
            },
            .get("groups.messages", query: messagesQuery) { (world, call) throws(ChatError) in
                messages(of: try world.referencedGroup(call, reader: call.userID, unarchived: true), call)
            },
            .get(
                "chat.syncMessages",
                query: ParameterSchema([
                    .required("roomId"), .optional("lastUpdate"), .optional("type"), .optional("next"),
                    .optional("previous"), .optional("count", .number),
                ]), action: sync),
        ]
    }

    private static let historyQuery = ParameterSchema([
        .required("roomId"), .optional("latest"), .optional("oldest"), .optional("inclusive"), .optional("unreads"),
        .optional("showThreadMessages"), .optional("offset", .number), .optional("count", .number),
    ])

    private static let messagesQuery = ParameterSchema([
        .optional("roomId"), .optional("roomName"), .optional("username"), .optional("offset", .number),
        .optional("count", .number), .optional("sort"), .optional("mentionIds"), .optional("starredIds"),
        .optional("pinned"),
    ])

    private static func history(
        of room: StoredRoom, _ call: RESTCall, threads: Bool, page: Page
    ) throws(ChatError) -> [String: JSON] {
        let latest = try call.date("latest")
        let oldest = try call.date("oldest")
        let inclusive = call.flag("inclusive") ?? false
        let showsThreads = call.flag("showThreadMessages") ?? threads
        let found = room.messages.reversed().lazy.filter { message in
            if let latest, inclusive ? message.at > latest : message.at >= latest { return false }
            if let oldest, inclusive ? message.at < oldest : message.at <= oldest { return false }
            return showsThreads || message.extras["tmid"] == nil || message.extras["tshow"]?.flag == true
        }
        return ["messages": .array(found.dropFirst(page.offset).prefix(page.count).map { $0.json(.rest) })]
    }

    private static func messages(of room: StoredRoom, _ call: RESTCall) -> [String: JSON] {
        let asked = call.text("sort").flatMap { JSON(parsing: $0) }?["ts"]?.number
        // Nothing here is ever pinned, starred or a mention.
        let none = call.flag("pinned") == true || call.text("mentionIds") != nil || call.text("starredIds") != nil
        let found = none ? [] : asked == 1 ? room.messages : room.messages.reversed()
        return Page(call).reply("messages", found) { $0.json(.rest) }
    }

    private static func sync(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let room = world.rooms[call.text("roomId") ?? ""], world.canAccess(room, call.userID) else {
            throw .code("error-not-allowed", "Not allowed", details: ["method": "messages/get"])
        }
        if let type = call.text("type") { return try MessageCursor.page(of: room, type: type, call) }
        guard let text = call.text("lastUpdate") else {
            throw .code(
                "error-param-required", "The \"type\" or \"lastUpdate\" parameters must be provided")
        }
        guard let since = Timestamp(iso: text) else {
            throw .code("error-lastUpdate-param-invalid", "The \"lastUpdate\" query parameter must be a valid date.")
        }
        let updated = room.messages.filter { $0.updatedAt > since }
        let deleted = room.deleted.filter { $0.at > since }
        return [
            "result": [
                "updated": .array(updated.map { $0.json(.rest) }), "deleted": .array(deleted.map(tombstone)),
            ]
        ]
    }

    static func tombstone(_ message: (id: String, at: Timestamp)) -> JSON {
        ["_id": .string(message.id), "_deletedAt": .string(message.at.iso)]
    }
}
