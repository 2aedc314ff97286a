extension ChatWorld {
    /// Makes the user a member without a word in the room; false when the user is one already.
    @discardableResult
    mutating func attach(_ userID: String, to roomID: String, as membership: Membership = Membership()) -> Bool {
        guard users[userID] != nil, rooms[roomID] != nil, rooms[roomID]?.members[userID] == nil else { return false }
        rooms[roomID]?.members[userID] = membership
        rooms[roomID]?.order.append(userID)
        roomIDsByUser[userID, default: []].insert(roomID)
        publish("inserted", subscriptionOf: userID, to: roomID)
        record("member-added", ["rid": .string(roomID), "user": name(of: userID), "id": .string(userID)])
        return true
    }

    /// Ends the user's membership without a word in the room.
    mutating func detach(_ userID: String, from roomID: String) {
        guard rooms[roomID]?.members.removeValue(forKey: userID) != nil else { return }
        rooms[roomID]?.order.removeAll { $0 == userID }
        roomIDsByUser[userID]?.remove(roomID)
        publish("removed", subscriptionOf: userID, to: roomID)
        record("member-removed", ["rid": .string(roomID), "user": name(of: userID), "id": .string(userID)])
    }

    /// Removes the room with members, messages and uploads.
    mutating func eraseRoom(_ roomID: String, by caller: String) {
        guard let room = rooms.removeValue(forKey: roomID) else { return }
        for userID in room.order { roomIDsByUser[userID]?.remove(roomID) }
        for message in room.messages { roomIDsByMessage[message.id] = nil }
        for upload in uploads.values.filter({ $0.roomID == roomID }) { removeUpload(upload.id) }
        if room.kind == .direct {
            directRoomIDs[StoredRoom.directKey(room.order)] = nil
        } else {
            roomIDsByName[room.name] = nil
        }
        record("room-deleted", ["rid": .string(roomID), "name": .string(room.name), "by": name(of: caller)])
    }

    /// Refuses a room name that is blank, misshapen or taken, as `groups.create` and `groups.rename` do.
    func demandRoomName(_ name: String, renaming roomID: String? = nil) throws(ChatError) {
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw .code("error-invalid-name", "Invalid name", details: ["function": "RocketChat.createRoom"])
        }
        guard UserFieldRules.isPlainName(name) else {
            let shown = UserFieldRules.escaped(name)
            throw .code(
                "error-invalid-room-name", "\(shown) is not a valid room name.",
                details: ["function": "RocketChat.getValidRoomName", "channel_name": .string(shown)])
        }
        guard let owner = roomIDsByName[name], owner != roomID, let room = rooms[owner] else { return }
        let details: [String: JSON] = ["function": "RocketChat.getValidRoomName", "channel_name": .string(name)]
        if room.archived {
            throw .code(
                "error-archived-duplicate-name", "There's an archived channel with name \(name)", details: details)
        }
        throw .code("error-duplicate-channel-name", "A channel with name '\(name)' exists", details: details)
    }

    /// The room as an answer shows it.
    func fields(of roomID: String) -> JSON {
        rooms[roomID]?.fields(users: users) ?? .null
    }

    /// The rooms of one kind the user is in, by creation.
    func rooms(of userID: String, kind: StoredRoom.Kind) -> [StoredRoom] {
        (roomIDsByUser[userID] ?? []).compactMap { rooms[$0] }.filter { $0.kind == kind }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }
}
