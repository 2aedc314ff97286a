extension ChatWorld {
    /// Checks the fields of a user to be made or changed, in Rocket.Chat's order.
    func validateUserFields(_ fields: [String: JSON], of existing: StoredUser?, by caller: String) throws(ChatError) {
        if let roles = fields["roles"]?.list?.compactMap(\.text) { try validateRoles(roles, by: caller) }
        if existing == nil {
            for (name, label) in [("name", "Name"), ("username", "Username"), ("password", "Password")]
            where fields[name]?.text?.allSatisfy(\.isWhitespace) != false {
                throw Self.userField(
                    "error-the-field-is-required", "The field \(label) is required", ["field": .string(label)])
            }
        }
        if let username = fields["username"]?.text { try validateUsername(username, of: existing) }
        if let email = fields["email"]?.text, !email.isEmpty {
            guard UserFieldRules.isAddress(email) else {
                throw .code(
                    "error-invalid-email", "Invalid email \(UserFieldRules.escaped(email))",
                    details: ["function": "RocketChat.validateEmailDomain", "email": .string(email)])
            }
            try demandFree(email, owner: userIDsByEmail[email.lowercased()], of: existing)
        }
    }

    private func validateUsername(_ username: String, of existing: StoredUser?) throws(ChatError) {
        guard UserFieldRules.isPlainName(username) else {
            throw Self.userField(
                "error-input-is-not-a-valid-field", "\(UserFieldRules.escaped(username)) is not a valid username",
                ["input": .string(username), "field": "Username"])
        }
        guard !["all", "here"].contains(username.lowercased()) else {
            throw Self.userField(
                "error-blocked-username", "\(username) is blocked and can't be used!", ["field": .string(username)])
        }
        try demandFree(username, owner: userIDsByName[username.lowercased()], of: existing)
    }

    private func demandFree(_ value: String, owner: String?, of existing: StoredUser?) throws(ChatError) {
        guard let owner, owner != existing?.id else { return }
        throw Self.userField(
            "error-field-unavailable", "\(UserFieldRules.escaped(value)) is already in use :(",
            ["field": .string(value)])
    }

    private func validateRoles(_ roles: [String], by caller: String) throws(ChatError) {
        for role in roles {
            guard permissions.roles.contains(role) else {
                throw Self.userField(
                    "error-action-not-allowed", "The field Roles consist invalid role id \(role)",
                    ["action": "Assign_role"])
            }
        }
        if roles.contains("admin"), !allows("assign-admin-role", to: caller) {
            throw Self.userField(
                "error-action-not-allowed", "Assigning admin is not allowed", ["action": "Assign_admin"])
        }
    }

    /// Puts the given fields into the user; the caller has checked them.
    func apply(_ fields: [String: JSON], to user: inout StoredUser) {
        if let name = fields["name"]?.text { user.name = name }
        if let username = fields["username"]?.text { user.username = username }
        if let email = fields["email"]?.text { user.email = email }
        if let verified = fields["verified"]?.flag { user.verified = verified }
        if let roles = fields["roles"]?.list { user.roles = roles.compactMap(\.text) }
        if let password = fields["password"]?.text { user.passwordDigest = SHA256.hexadecimal(password) }
        if let custom = fields["customFields"]?.fields { user.customFields = custom }
        if let bio = fields["bio"]?.text { user.bio = bio }
        if let nickname = fields["nickname"]?.text { user.nickname = nickname }
        if let text = fields["statusText"]?.text { user.statusText = text }
        if let change = fields["requirePasswordChange"]?.flag { user.requirePasswordChange = change }
        user.updatedAt = now
    }

    /// An error of the server's `insertOrUpdateUser`.
    static func userField(_ code: String, _ reason: String, _ details: [String: JSON]) -> ChatError {
        .code(code, reason, details: details.merging(["method": "insertOrUpdateUser"]) { $1 })
    }
}
