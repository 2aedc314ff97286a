extension ChatWorld {
    /// `Message_MaxAllowedSize`, in UTF-16 units.
    static let messageSizeCap = 5000

    /// Stores a message and tells subscribers; the id is the sender's or the server's.
    @discardableResult
    mutating func post(
        _ text: String, in roomID: String, by userID: String, id: String? = nil, systemType: String? = nil,
        extras: [String: JSON] = [:], uploadID: String? = nil
    ) -> StoredMessage? {
        guard let user = users[userID], rooms[roomID] != nil else { return nil }
        let message = StoredMessage(
            id: id ?? ids.messageID(), roomID: roomID, text: text, at: moment(in: roomID), updatedAt: now,
            userID: userID, author: user.author, systemType: systemType, extras: extras, uploadID: uploadID)
        rooms[roomID]?.messages.append(message)
        rooms[roomID]?.updatedAt = now
        reopenDirectRoom(roomID)
        roomIDsByMessage[message.id] = roomID
        var entry: [String: JSON] = [
            "rid": .string(roomID), "id": .string(message.id), "user": .string(user.username), "msg": .string(text),
        ]
        if let systemType { entry["t"] = .string(systemType) }
        record("message", entry)
        publish(message)
        return message
    }

    /// Stores a system message.
    mutating func say(_ systemType: String, _ text: String, in roomID: String, by userID: String) {
        post(text, in: roomID, by: userID, systemType: systemType)
    }

    /// Times never run backwards within a room, whatever the clock does.
    private func moment(in roomID: String) -> Timestamp {
        max(now, rooms[roomID]?.messages.last?.at ?? now)
    }

    private mutating func reopenDirectRoom(_ roomID: String) {
        guard rooms[roomID]?.kind == .direct else { return }
        for userID in rooms[roomID]?.order ?? [] { rooms[roomID]?.members[userID]?.open = true }
    }

    /// Why the user may not write into the room, in the texts of `canSendMessage`: plain errors without a code.
    func demandWritable(_ roomID: String, by userID: String) throws(ChatError) {
        guard let room = rooms[roomID] else { throw .plain("error-invalid-room") }
        guard canAccess(room, userID) else { throw .plain("error-not-allowed") }
        if room.archived || room.readOnly, !(allows("post-readonly", to: userID, in: roomID) && !room.archived) {
            throw .plain("You can't send messages because the room is readonly.")
        }
        if room.kind == .direct, room.order.contains(where: { users[$0]?.active == false }) {
            throw .plain("You can't send messages because the room is readonly.")
        }
    }

    /// The message with that id, wherever it is.
    func message(_ id: String) -> StoredMessage? {
        guard let room = roomIDsByMessage[id].flatMap({ rooms[$0] }) else { return nil }
        return room.position(of: id).map { room.messages[$0] }
    }

    /// Changes a stored message in place and marks it updated.
    mutating func change(_ message: StoredMessage, _ change: (inout StoredMessage) -> Void) {
        guard let index = rooms[message.roomID]?.position(of: message.id), var changed = self.message(message.id)
        else { return }
        change(&changed)
        changed.updatedAt = max(now, changed.at)
        rooms[message.roomID]?.messages[index] = changed
        publish(changed)
    }

    /// Deletes the message with its file; `chat.syncMessages` tells of it.
    mutating func erase(_ message: StoredMessage) {
        guard let index = rooms[message.roomID]?.position(of: message.id) else { return }
        rooms[message.roomID]?.messages.remove(at: index)
        rooms[message.roomID]?.deleted.append((message.id, now))
        roomIDsByMessage[message.id] = nil
        if let upload = message.uploadID { removeUpload(upload) }
        publish(deletionOf: message)
        record("message-deleted", ["rid": .string(message.roomID), "id": .string(message.id)])
    }
}
