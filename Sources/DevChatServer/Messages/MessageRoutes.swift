/// Writing, changing and removing messages (contract sheet, section 6).
enum MessageRoutes {
    static var routes: [RESTRoute] {
        [
            .post("chat.postMessage", body: postBody, action: postMessage),
            .post(
                "chat.sendMessage",
                body: ParameterSchema([.required("message", .object), .optional("previewUrls", .strings)]),
                action: sendMessage),
            .get("chat.getMessage", query: ParameterSchema([.required("msgId")]), action: getMessage),
            .post(
                "chat.update",
                body: ParameterSchema([
                    .required("roomId"), .required("msgId"), .required("text"), .optional("previewUrls", .strings),
                    .optional("customFields", .object),
                ]), action: update),
            .post(
                "chat.delete",
                body: ParameterSchema([.required("roomId"), .required("msgId"), .optional("asUser", .boolean)]),
                action: delete),
        ]
    }

    private static let postBody = ParameterSchema(
        [
            .optional("roomId", .textOrTexts), .optional("channel", .textOrTexts), .optional("text"),
            .optional("alias"), .optional("avatar"), .optional("emoji"), .optional("attachments", .any),
            .optional("customFields", .object), .optional("parseUrls", .boolean), .optional("tmid"),
        ], exactlyOneOf: ["roomId", "channel"])

    private static func postMessage(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let text = (call.values["text"]?.text ?? "").trimmed
        let targets = call.texts("roomId") ?? call.texts("channel") ?? []
        guard !targets.isEmpty else { throw .code("invalid-channel") }
        guard text.utf16.count <= ChatWorld.messageSizeCap else { throw .plain("error-message-size-exceeded") }
        let extras = try MessageOptions.extras(from: call.values, in: world, by: call.userID)
        var first: StoredMessage?
        for target in targets {
            let roomID = try roomID(of: target, &world, call)
            try world.demandWritable(roomID, by: call.userID)
            let message = world.post(text, in: roomID, by: call.userID, extras: extras)
            first = first ?? message
        }
        guard let first else { throw .plain("unknown-error") }
        return [
            "ts": .int(world.now.milliseconds), "channel": .string(targets.first ?? ""),
            "message": first.json(.rest),
        ]
    }

    /// `#name`, `@username`, an id or a name; people mean their direct room, open channels are joined.
    private static func roomID(
        of target: String, _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> String {
        let name = String(target.drop { $0 == "#" })
        if let room = world.rooms[name] ?? world.roomIDsByName[name].flatMap({ world.rooms[$0] }) {
            if room.kind == .channel { world.attach(call.userID, to: room.id) }
            return room.id
        }
        let username = target.hasPrefix("@") ? String(target.dropFirst()) : target
        guard let other = world.user(idOrName: username), let room = world.directRoom(of: [call.userID, other.id])
        else { throw .code("invalid-channel") }
        return room.id
    }

    private static let messageKeys: Set<String> = [
        "_id", "rid", "msg", "tmid", "tshow", "alias", "avatar", "emoji", "attachments", "customFields", "ts", "t",
        "groupable", "blocks",
    ]

    private static func sendMessage(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let message = call.values["message"]?.fields ?? [:]
        guard messageKeys.isSuperset(of: message.keys) else {
            throw .other(
                status: 400,
                body: [
                    "success": false, "error": "must NOT have additional properties", "errorType": "invalid-params",
                ])
        }
        guard message["rid"]?.text?.isEmpty == false else {
            throw .plain("The 'rid' property on the message object is missing.")
        }
        guard let sent = try world.send(message, by: call.userID) else { throw .bare }
        return ["message": sent.json(.rest)]
    }

    private static func getMessage(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let message = world.message(call.text("msgId") ?? ""), let room = world.rooms[message.roomID],
            world.canAccess(room, call.userID)
        else { throw .bare }
        return ["message": message.json(.rest)]
    }

    private static func update(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let message = try referencedMessage(world, call)
        guard message.userID == call.userID || world.allows("edit-message", to: call.userID, in: message.roomID) else {
            throw .code(
                "error-action-not-allowed", "Message editing not allowed",
                details: ["method": "updateMessage", "action": "Message_editing"])
        }
        let editor = world.users[call.userID]?.reference
        let (text, now) = (call.text("text") ?? "", world.now)
        world.change(message) { changed in
            changed.text = text
            changed.editedAt = now
            changed.editor = editor
        }
        guard let changed = world.message(message.id) else { throw .bare }
        return ["message": changed.json(.rest)]
    }

    private static func delete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let message = try referencedMessage(world, call)
        let isOwn = message.userID == call.userID && world.allows("delete-own-message", to: call.userID)
        guard isOwn || world.allows("delete-message", to: call.userID, in: message.roomID) else {
            throw .code(
                "error-action-not-allowed", "Not allowed",
                details: ["method": "deleteMessage", "action": "Delete_message"])
        }
        world.erase(message)
        return [
            "_id": .string(message.id), "ts": .string(String(world.now.milliseconds)),
            "message": ["_id": .string(message.id), "rid": .string(message.roomID), "u": message.author],
        ]
    }

    private static func referencedMessage(_ world: ChatWorld, _ call: RESTCall) throws(ChatError) -> StoredMessage {
        let id = call.text("msgId") ?? ""
        guard let message = world.message(id) else { throw .plain("No message found with the id of \"\(id)\".") }
        guard message.roomID == call.text("roomId") else {
            throw .plain("The room id provided does not match where the message is from.")
        }
        return message
    }
}
