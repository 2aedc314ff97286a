extension ChatWorld {
    /// The "group ref" of the contract sheet, section 5: a private group by id or name.
    ///
    /// With a reader, a group that person is not in does not exist. With `unarchived`, an archived one is refused.
    func referencedGroup(
        _ call: RESTCall, reader: String? = nil, unarchived: Bool = false
    ) throws(ChatError) -> StoredRoom {
        guard let reference = call.text("roomId") ?? call.text("roomName") else {
            throw .code(
                "error-room-param-not-provided", "The parameter \"roomId\" or \"roomName\" is required")
        }
        let room = rooms[reference] ?? roomIDsByName[reference].flatMap { rooms[$0] }
        guard let room, room.kind == .group, reader.map({ canAccess(room, $0) }) ?? true else {
            throw Self.groupNotFound
        }
        if unarchived, room.archived {
            throw .code("error-room-archived", "The private group, \(room.displayName), is archived")
        }
        return room
    }

    /// What a group looks like to somebody who is not in it.
    static let groupNotFound = ChatError.code(
        "error-room-not-found", "The required \"roomId\" or \"roomName\" param provided does not match any group")

    /// A group as its reader sees it, who must also hold the permission there.
    func editableGroup(_ call: RESTCall, permission: String) throws(ChatError) -> StoredRoom {
        let room = try referencedGroup(call, reader: call.userID, unarchived: true)
        guard allows(permission, to: call.userID, in: room.id) else {
            throw .code(
                "error-action-not-allowed", "Editing room is not allowed",
                details: ["method": "saveRoomSettings", "action": "Editing_room"])
        }
        return room
    }
}
