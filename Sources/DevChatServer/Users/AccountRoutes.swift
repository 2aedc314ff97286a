/// Making, changing and removing users, and tokens for them (contract sheet, section 3).
enum AccountRoutes {
    static func routes(band: VersionBand) -> [RESTRoute] {
        [
            .post("users.create", band >= .eight ? .typed : .legacy, body: createBody, action: create),
            .post(
                "users.createToken",
                body: band >= .eight ? ParameterSchema([.required("userId"), .required("secret")]) : nil,
                action: createToken),
            .post(
                "users.update",
                body: ParameterSchema([
                    .required("userId"), .required("data", .object), .optional("confirmRelinquish", .boolean),
                ]), twoFactor: true, action: update),
            .post(
                "users.delete",
                body: ParameterSchema(
                    [
                        .optional("userId"), .optional("username"), .optional("user"),
                        .optional("confirmRelinquish", .boolean),
                    ]),
                permissions: ["delete-user"], action: delete),
            .post(
                "users.setActiveStatus",
                body: ParameterSchema([
                    .required("userId"), .required("activeStatus", .boolean), .optional("confirmRelinquish", .boolean),
                ]), permissions: ["edit-other-user-active-status", "manage-moderation-actions"],
                action: setActiveStatus),
        ]
    }

    private static let createBody = ParameterSchema([
        .required("email"), .required("name"), .required("password"), .required("username"),
        .optional("active", .boolean), .optional("bio"), .optional("nickname"), .optional("statusText"),
        .optional("roles", .strings), .optional("joinDefaultChannels", .boolean),
        .optional("requirePasswordChange", .boolean), .optional("setRandomPassword", .boolean),
        .optional("sendWelcomeEmail", .boolean), .optional("verified", .boolean), .optional("customFields", .object),
        .optional("freeSwitchExtension"),
    ])

    private static func create(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        if world.band >= .seven, !UserFieldRules.isDisplayName(call.text("name") ?? "") {
            throw .plain("Name contains invalid characters")
        }
        guard world.allows("create-user", to: call.userID) else {
            throw ChatWorld.userField(
                "error-action-not-allowed", "Adding user is not allowed", ["action": "Adding_user"])
        }
        try world.validateUserFields(call.values, of: nil, by: call.userID)
        var user = StoredUser(
            id: world.ids.shortID(), username: "", name: "", email: "", verified: false, passwordDigest: "",
            roles: ["user"], createdAt: world.now, updatedAt: world.now)
        world.apply(call.values, to: &user)
        if call.flag("setRandomPassword") == true {
            user.passwordDigest = SHA256.hexadecimal(world.ids.token())
            user.requirePasswordChange = true
        }
        if call.flag("active") == false, world.allows("edit-other-user-active-status", to: call.userID) {
            user.active = false
        }
        world.insert(user)
        world.record(
            "user-created",
            ["user": .string(user.username), "id": .string(user.id), "by": world.name(of: call.userID)])
        if call.flag("joinDefaultChannels") ?? true { world.attach(user.id, to: "GENERAL") }
        return ["user": .object(user.recordFields)]
    }

    private static func createToken(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let refused = ChatError.code(
            "error-not-authorized", "Not authorized", details: ["method": "createToken"])
        let target: StoredUser
        if world.band >= .eight {
            guard let user = world.users[call.text("userId") ?? ""], let secret = world.options.createTokenSecret,
                call.text("secret") == secret
            else { throw refused }
            target = user
        } else {
            target = try world.referencedUser(call)
            guard world.options.createTokenSecret != nil else { throw refused }
        }
        guard target.id == call.userID || world.allows("user-generate-access-token", to: call.userID) else {
            throw refused
        }
        if call.tokensUndefined, target.lastLogin == nil {
            throw .plain("Cannot read properties of undefined (reading 'tokens')")
        }
        let token = world.mintToken(for: target.id)
        return ["data": ["userId": .string(target.id), "authToken": .string(token)]]
    }

    private static let updateKeys: Set<String> = [
        "email", "name", "password", "username", "active", "bio", "nickname", "statusText", "roles",
        "requirePasswordChange", "setRandomPassword", "sendWelcomeEmail", "verified", "customFields", "status",
        "freeSwitchExtension",
    ]

    private static func update(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        var data = call.values["data"]?.fields ?? [:]
        guard updateKeys.isSuperset(of: data.keys) else {
            throw .other(
                status: 400,
                body: [
                    "success": false, "error": "must NOT have additional properties", "errorType": "invalid-params",
                ])
        }
        guard let existing = world.users[call.text("userId") ?? ""] else { throw .plain("User not found") }
        guard existing.id == call.userID || world.allows("edit-other-user-info", to: call.userID) else {
            throw ChatWorld.userField(
                "error-action-not-allowed", "Editing user is not allowed", ["action": "Editing_user"])
        }
        if world.band >= .seven, let name = data["name"]?.text, !UserFieldRules.isDisplayName(name) {
            throw .plain("Name contains invalid characters")
        }
        try world.validateUserFields(data, of: existing, by: call.userID)
        if !world.allows("edit-other-user-password", to: call.userID) { data["password"] = nil }
        var user = existing
        world.apply(data, to: &user)
        world.userIDsByName[existing.username.lowercased()] = nil
        world.userIDsByEmail[existing.email.lowercased()] = nil
        world.insert(user)
        if let active = data["active"]?.flag {
            try world.demandRelinquishing(user.id, confirmed: call.flag("confirmRelinquish") ?? false)
            world.setActive(active, userID: user.id)
        }
        world.record("user-updated", ["user": .string(user.username), "id": .string(user.id)])
        return ["user": .object((world.users[user.id] ?? user).recordFields)]
    }

    private static func delete(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let user = try world.referencedUser(call)
        try world.demandRelinquishing(user.id, confirmed: call.flag("confirmRelinquish") ?? false)
        let rooms = world.deleteUser(user.id, by: call.userID)
        return world.band >= .eight ? ["deletedRooms": .array(rooms.map(JSON.string))] : [:]
    }

    private static func setActiveStatus(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        guard let user = world.users[call.text("userId") ?? ""] else { throw .plain("User not found") }
        let active = call.flag("activeStatus") ?? true
        if !active {
            try world.demandRelinquishing(user.id, confirmed: call.flag("confirmRelinquish") ?? false)
            _ = world.relinquish(user.id)
        }
        world.setActive(active, userID: user.id)
        return ["user": ["_id": .string(user.id), "active": .bool(active)]]
    }
}
