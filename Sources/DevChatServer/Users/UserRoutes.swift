/// Reading users (contract sheet, section 3).
enum UserRoutes {
    static var routes: [RESTRoute] {
        [
            .get(
                "users.info",
                query: ParameterSchema([
                    .optional("userId"), .optional("username"), .optional("importId"), .optional("email"),
                    .optional("freeSwitchExtension"), .optional("includeUserRooms"),
                ]), action: info),
            .get(
                "users.list",
                query: ParameterSchema([
                    .optional("offset", .number), .optional("count", .number), .optional("sort"), .optional("email"),
                ]), permissions: ["view-d-room"], action: list),
        ]
    }

    private static func info(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let found: StoredUser?
        if let reference = call.text("userId") ?? call.text("username") {
            found = world.user(idOrName: reference)
        } else if let email = call.text("email"), world.band >= .eight {
            found = world.userIDsByEmail[email.lowercased()].flatMap { world.users[$0] }
        } else if call.text("importId") ?? call.text("freeSwitchExtension") != nil {
            found = nil
        } else {
            throw .plain("Invalid search query.")
        }
        guard let user = found else { throw .plain("User not found.") }
        let full = user.id == call.userID || world.allows("view-full-other-user-info", to: call.userID)
        var fields = user.infoFields(full: full)
        if full { fields["canViewAllInfo"] = true }
        if call.flag("includeUserRooms") == true, full {
            let rooms = (world.roomIDsByUser[user.id] ?? []).sorted().compactMap { world.rooms[$0] }
            fields["rooms"] = .array(
                rooms.map { room in
                    [
                        "rid": .string(room.id), "t": .string(room.kind.rawValue), "name": .string(room.name),
                        "roles": .array((room.members[user.id]?.roles ?? []).sorted().map(JSON.string)), "unread": 0,
                    ]
                })
        }
        return ["user": .object(fields)]
    }

    private static func list(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let full = world.allows("view-full-other-user-info", to: call.userID)
        if let email = call.text("email") {
            guard full else { throw .missingPermission }
            let user = world.userIDsByEmail[email.lowercased()].flatMap { world.users[$0] }
            return Page(call).reply("users", user.map { [$0] } ?? []) { .object($0.infoFields(full: full)) }
        }
        let users = world.users.values.sorted { $0.username < $1.username }
        return Page(call).reply("users", users) { .object($0.infoFields(full: full)) }
    }
}
