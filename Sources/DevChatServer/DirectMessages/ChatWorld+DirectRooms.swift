extension ChatWorld {
    /// The most people in a direct room, the caller among them: `DirectMesssage_maxUsers`.
    static let directRoomCap = 8

    /// The direct room of exactly these people, made when there is none; the first of them counts as its maker.
    ///
    /// Two people's room is named by their sorted ids on bands up to 7 (contract sheet, section 4.1).
    mutating func directRoom(of userIDs: [String]) -> StoredRoom? {
        let key = StoredRoom.directKey(userIDs)
        if let existing = directRoomIDs[key].flatMap({ rooms[$0] }) { return existing }
        let people = Set(userIDs)
        let ordered = userIDs.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard let maker = ordered.first.flatMap({ users[$0] }), !people.isEmpty else { return nil }
        let id = people.count == 2 && band <= .seven ? people.sorted().joined() : ids.roomID()
        var room = StoredRoom(
            id: id, kind: .direct, name: "", displayName: "", owner: maker.reference, createdAt: now, updatedAt: now)
        for userID in ordered { room.members[userID] = Membership(open: userID == maker.id || people.count > 2) }
        room.order = ordered
        insert(room)
        record(
            "room-created",
            [
                "rid": .string(id), "type": "d", "by": .string(maker.username),
                "members": .array(ordered.map { name(of: $0) }),
            ])
        return rooms[id]
    }

    /// The direct room an argument means: a room id, or a username or user id, which makes the room.
    mutating func referencedDirectRoom(_ call: RESTCall) throws(ChatError) -> StoredRoom {
        guard let reference = call.text("roomId") ?? call.text("username") else {
            throw .code(
                "error-room-param-not-provided", "Query param \"roomId\" or \"username\" is required")
        }
        if let room = rooms[reference] {
            guard room.kind == .direct else { throw .code("invalid-channel") }
            return room
        }
        guard let other = user(idOrName: reference), let room = directRoom(of: [call.userID, other.id]) else {
            throw .code("invalid-channel")
        }
        return room
    }

    /// The same, refused to people who are not in the room.
    mutating func readableDirectRoom(_ call: RESTCall) throws(ChatError) -> StoredRoom {
        let room = try referencedDirectRoom(call)
        guard canAccess(room, call.userID) else { throw .forbidden }
        return room
    }
}
