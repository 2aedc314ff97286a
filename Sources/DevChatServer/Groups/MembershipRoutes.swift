/// Who is in a private group (contract sheet, section 5, "Membership").
enum MembershipRoutes {
    static var routes: [RESTRoute] {
        [
            .post("groups.invite", .legacy, action: invite), .post("groups.kick", .legacy, action: kick),
            .post("groups.leave", .legacy, action: leave), .get("groups.members", .legacy, action: members),
            .post("groups.addOwner", .legacy, action: addOwner),
            .post("groups.removeOwner", .legacy, action: removeOwner),
        ]
    }

    private static func invite(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call)
        let invited = try invitedUsers(world, call)
        let isMember = room.members[call.userID] != nil
        guard
            world.allows("add-user-to-any-p-room", to: call.userID)
                || isMember && world.allows("add-user-to-joined-room", to: call.userID, in: room.id)
        else { throw .notAllowed("addUsersToRoom") }
        for user in invited where world.attach(user.id, to: room.id) {
            world.say("au", user.username, in: room.id, by: call.userID)
        }
        return ["group": world.fields(of: room.id)]
    }

    private static func invitedUsers(_ world: ChatWorld, _ call: RESTCall) throws(ChatError) -> [StoredUser] {
        if ["userId", "username", "user"].contains(where: { call.text($0) != nil }) {
            return [try world.referencedUser(call)]
        }
        let listed: [StoredUser]
        if let ids = call.values["userIds"]?.list {
            listed = ids.compactMap { $0.text.flatMap { world.users[$0] } }
        } else if let names = call.values["usernames"]?.list {
            listed = names.compactMap { $0.text.flatMap { world.user(named: $0) } }
        } else {
            throw .code(
                "error-users-params-not-provided",
                "Please provide \"userId\" or \"username\" or \"userIds\" or \"usernames\" as param")
        }
        guard !listed.isEmpty else {
            throw .code("error-empty-invite-list", "Cannot invite if no valid users are provided")
        }
        return listed
    }

    private static func kick(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call)
        let user = try world.referencedUser(call)
        let kicksAnywhere = world.allows("kick-user-from-any-p-room", to: call.userID)
        guard world.allows("remove-user", to: call.userID, in: room.id) else {
            throw .notAllowed("removeUserFromRoom")
        }
        guard kicksAnywhere || world.canAccess(room, call.userID) else { throw ChatWorld.groupNotFound }
        guard kicksAnywhere || room.members[user.id] != nil else {
            throw .code(
                "error-user-not-in-room", "User is not in this room", details: ["method": "removeUserFromRoom"])
        }
        if room.owners == [user.id] { throw lastOwner("removeUserFromRoom") }
        guard room.members[user.id] != nil else { return [:] }
        world.detach(user.id, from: room.id)
        world.say("ru", user.username, in: room.id, by: call.userID)
        return [:]
    }

    private static func leave(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID, unarchived: true)
        guard world.allows("leave-p", to: call.userID) else { throw .notAllowed("leaveRoom") }
        if room.owners == [call.userID] { throw lastOwner("leaveRoom") }
        world.say("ul", world.users[call.userID]?.username ?? "", in: room.id, by: call.userID)
        world.detach(call.userID, from: room.id)
        return [:]
    }

    private static func lastOwner(_ method: String) -> ChatError {
        .code(
            "error-you-are-last-owner", "You are the last owner. Please set new owner before leaving the room.",
            details: ["method": .string(method)])
    }

    private static func members(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let room = try world.referencedGroup(call, reader: call.userID, unarchived: true)
        if room.broadcast, !world.allows("view-broadcast-member-list", to: call.userID, in: room.id) {
            throw .forbidden
        }
        var users = room.order.compactMap { world.users[$0] }
        if let statuses = call.texts("status") { users.removeAll { !statuses.contains($0.status.rawValue) } }
        if let filter = call.text("filter")?.lowercased() {
            users.removeAll { !$0.username.lowercased().contains(filter) && !$0.name.lowercased().contains(filter) }
        }
        return Page(call).reply("members", users) { .object($0.publicFields) }
    }

    private static func addOwner(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let (room, user) = try ownedRoom(world, call)
        world.rooms[room.id]?.members[user.id]?.roles.insert("owner")
        return [:]
    }

    private static func removeOwner(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let (room, user) = try ownedRoom(world, call)
        if room.owners == [user.id] {
            throw .code(
                "error-remove-last-owner", "This is the last owner. Please set a new owner before removing this one.")
        }
        world.rooms[room.id]?.members[user.id]?.roles.remove("owner")
        return [:]
    }

    private static func ownedRoom(
        _ world: ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> (room: StoredRoom, user: StoredUser) {
        let room = try world.referencedGroup(call, reader: call.userID)
        let user = try world.referencedUser(call)
        guard world.allows("edit-room", to: call.userID, in: room.id) else { throw .notAllowed("addRoomOwner") }
        guard room.members[user.id] != nil else {
            throw .code("error-user-not-in-room", "User is not in this room", details: ["method": "addRoomOwner"])
        }
        return (room, user)
    }
}
