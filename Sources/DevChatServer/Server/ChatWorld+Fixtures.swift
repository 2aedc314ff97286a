extension ChatWorld {
    /// What every Rocket.Chat server has: the bot `rocket.cat` and the channel `GENERAL`, of which both ids break
    /// the usual shapes.
    mutating func plantFixtures() {
        let created = now.advanced(by: -86_400_000)
        let bot = StoredUser(
            id: "rocket.cat", username: "rocket.cat", name: "Rocket.Cat", email: "", verified: false,
            passwordDigest: "", roles: ["bot"], type: "bot", createdAt: created, updatedAt: created,
            pinnedStatus: .online)
        insert(bot)
        var general = StoredRoom(
            id: "GENERAL", kind: .channel, name: "general", displayName: "general", owner: bot.reference,
            createdAt: created, updatedAt: created)
        general.members[bot.id] = Membership(roles: ["owner"])
        general.order = [bot.id]
        insert(general)
    }

    /// Adds a user that is there from the start, or answers nil when the name or address is taken.
    ///
    /// Such a user counts as old: no second factor is waived for being new.
    mutating func seed(_ seed: SeedUser) -> StoredUser? {
        let email = seed.email ?? "\(seed.username)@example.com"
        let id = seed.id ?? ids.shortID()
        guard users[id] == nil, userIDsByName[seed.username.lowercased()] == nil,
            userIDsByEmail[email.lowercased()] == nil
        else { return nil }
        let created = now.advanced(by: -86_400_000)
        let user = StoredUser(
            id: id, username: seed.username, name: seed.name ?? seed.username, email: email, verified: true,
            passwordDigest: SHA256.hexadecimal(seed.password), roles: seed.roles, createdAt: created,
            updatedAt: created, pinnedStatus: seed.status.flatMap(PresenceStatus.init(rawValue:)))
        insert(user)
        record("user-created", ["user": .string(user.username), "id": .string(id), "by": "seed"])
        if let token = seed.personalToken {
            add(token, StoredToken(userID: id, kind: .personal(name: "seed", bypassesTwoFactor: true)))
        }
        return users[id]
    }

    mutating func insert(_ user: StoredUser) {
        users[user.id] = user
        userIDsByName[user.username.lowercased()] = user.id
        if !user.email.isEmpty { userIDsByEmail[user.email.lowercased()] = user.id }
    }

    mutating func insert(_ room: StoredRoom) {
        rooms[room.id] = room
        if room.kind == .direct {
            directRoomIDs[StoredRoom.directKey(room.order)] = room.id
        } else {
            roomIDsByName[room.name] = room.id
        }
        for userID in room.order { roomIDsByUser[userID, default: []].insert(room.id) }
    }
}
