/// A user as the stand-in server keeps one.
struct StoredUser: Sendable {
    var id: String
    var username: String
    var name: String
    var email: String
    var verified: Bool
    /// SHA-256 of the password, the form in which clients may send it.
    var passwordDigest: String
    var roles: [String]
    var active = true
    var type = "user"
    var customFields: [String: JSON] = [:]
    var bio: String?
    var nickname: String?
    var statusText = ""
    var requirePasswordChange = false
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var lastLogin: Timestamp?
    /// A presence set on purpose; it wins over connections.
    var pinnedStatus: PresenceStatus?
    /// Signed-in websockets.
    var connections = 0
    /// Valid tokens, oldest first.
    var tokens: [String] = []

    /// What others see.
    var status: PresenceStatus {
        guard active else { return .offline }
        return pinnedStatus ?? connectionStatus
    }

    /// What the user's connections alone say.
    var connectionStatus: PresenceStatus {
        connections > 0 ? .online : .offline
    }

    /// The `u` of messages.
    var author: JSON {
        ["_id": .string(id), "username": .string(username), "name": .string(name)]
    }

    /// The `u` of rooms.
    var reference: JSON {
        ["_id": .string(id), "username": .string(username)]
    }

    private var emails: JSON {
        email.isEmpty ? [] : [["address": .string(email), "verified": .bool(verified)]]
    }
}

extension StoredUser {
    /// The user as anyone may see it: members of a room, presence lists.
    var publicFields: [String: JSON] {
        [
            "_id": .string(id), "username": .string(username), "name": .string(name),
            "status": .string(status.rawValue), "utcOffset": 0,
        ]
    }

    /// The answer of `users.info`, `users.list`; everything only for the user and for `view-full-other-user-info`.
    func infoFields(full: Bool) -> [String: JSON] {
        var fields = publicFields
        fields["active"] = .bool(active)
        fields["type"] = .string(type)
        if !statusText.isEmpty { fields["statusText"] = .string(statusText) }
        if let bio { fields["bio"] = .string(bio) }
        if let nickname { fields["nickname"] = .string(nickname) }
        guard full else { return fields }
        fields["emails"] = emails
        fields["roles"] = .array(roles.map(JSON.string))
        fields["createdAt"] = .string(createdAt.iso)
        if let lastLogin { fields["lastLogin"] = .string(lastLogin.iso) }
        if !customFields.isEmpty { fields["customFields"] = .object(customFields) }
        return fields
    }

    /// The answer of `users.create` and `users.update`.
    var recordFields: [String: JSON] {
        var fields = infoFields(full: true)
        fields["utcOffset"] = nil
        fields["settings"] = [:]
        fields["_updatedAt"] = .string(updatedAt.iso)
        if requirePasswordChange { fields["requirePasswordChange"] = true }
        return fields
    }

    /// The answer of `me`, and `me` within the answer of `login`.
    func ownFields(siteURL: String) -> [String: JSON] {
        var fields = infoFields(full: true)
        fields["statusConnection"] = .string(connectionStatus.rawValue)
        fields["statusDefault"] = .string((pinnedStatus ?? .online).rawValue)
        fields["settings"] = ["preferences": [:]]
        fields["avatarUrl"] = .string("\(siteURL)/avatar/\(username)")
        fields["services"] = ["password": ["exists": true]]
        fields["_updatedAt"] = .string(updatedAt.iso)
        if verified, !email.isEmpty { fields["email"] = .string(email) }
        return fields
    }
}
