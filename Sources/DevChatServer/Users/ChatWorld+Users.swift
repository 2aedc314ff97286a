extension ChatWorld {
    /// The user with that name, compared without case.
    func user(named username: String) -> StoredUser? {
        userIDsByName[username.lowercased()].flatMap { users[$0] }
    }

    /// The user with that id or that name.
    func user(idOrName: String) -> StoredUser? {
        users[idOrName] ?? user(named: idOrName)
    }

    /// The "user ref" of the contract sheet, section 3: `userId`, `username` or `user`.
    func referencedUser(_ call: RESTCall) throws(ChatError) -> StoredUser {
        let found: StoredUser?
        if let id = call.text("userId") {
            found = users[id]
        } else if let name = call.text("username") ?? call.text("user") {
            found = user(named: name)
        } else {
            throw .code(
                "error-user-param-not-provided", "The required \"userId\" or \"username\" param was not provided")
        }
        guard let found else {
            throw .code(
                "error-invalid-user",
                "The required \"userId\" or \"username\" param provided does not match any users")
        }
        return found
    }

    /// Ends the user's presence everywhere or brings it back; an inactive user's tokens are worthless.
    mutating func setActive(_ active: Bool, userID: String) {
        guard users[userID]?.active != active else { return }
        users[userID]?.active = active
        users[userID]?.updatedAt = now
        record("user-active", ["user": name(of: userID), "id": .string(userID), "active": .bool(active)])
        if !active {
            revokeAllTokens(of: userID)
            closeSockets(of: userID)
        }
    }

    /// The rooms whose only owner the user is: those with nobody else, and those with others.
    func soleOwnership(of userID: String) -> (alone: [String], shared: [String]) {
        var (alone, shared): ([String], [String]) = ([], [])
        for roomID in (roomIDsByUser[userID] ?? []).sorted() {
            guard let room = rooms[roomID], room.kind != .direct, room.owners == [userID] else { continue }
            if room.members.count == 1 { alone.append(roomID) } else { shared.append(roomID) }
        }
        return (alone, shared)
    }

    /// Refuses when the user is some room's last owner and nobody agreed to give the rooms up.
    func demandRelinquishing(_ userID: String, confirmed: Bool) throws(ChatError) {
        let (alone, shared) = soleOwnership(of: userID)
        guard !confirmed, !alone.isEmpty || !shared.isEmpty else { return }
        func names(_ ids: [String]) -> JSON { .array(ids.compactMap { rooms[$0].map { .string($0.displayName) } }) }
        throw .meteor(
            code: "user-last-owner", reason: nil,
            details: ["shouldBeRemoved": names(alone), "shouldChangeOwner": names(shared)])
    }

    /// Removes rooms nobody else is in and hands the others to another member; answers the removed ones.
    mutating func relinquish(_ userID: String) -> [String] {
        let (alone, shared) = soleOwnership(of: userID)
        for roomID in alone { eraseRoom(roomID, by: userID) }
        for roomID in shared {
            guard let heir = rooms[roomID]?.order.first(where: { $0 != userID }) else { continue }
            rooms[roomID]?.members[heir]?.roles.insert("owner")
            rooms[roomID]?.members[userID]?.roles.remove("owner")
        }
        return alone
    }

    /// Deletes the user with messages and direct rooms, as `Message_ErasureType` `Delete` does; answers the rooms
    /// that went too.
    mutating func deleteUser(_ userID: String, by caller: String) -> [String] {
        guard let user = users[userID] else { return [] }
        var gone = relinquish(userID)
        revokeAllTokens(of: userID)
        closeSockets(of: userID)
        for roomID in (roomIDsByUser[userID] ?? []).sorted() {
            if rooms[roomID]?.kind == .direct {
                eraseRoom(roomID, by: caller)
                gone.append(roomID)
            } else {
                detach(userID, from: roomID)
            }
        }
        for room in rooms.values where room.messages.contains(where: { $0.userID == userID }) {
            for message in room.messages where message.userID == userID { erase(message) }
        }
        users[userID] = nil
        roomIDsByUser[userID] = nil
        userIDsByName[user.username.lowercased()] = nil
        userIDsByEmail[user.email.lowercased()] = nil
        record("user-deleted", ["user": .string(user.username), "id": .string(userID), "by": name(of: caller)])
        return gone
    }
}
