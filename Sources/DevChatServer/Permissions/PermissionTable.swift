/// Which roles hold which permission: Rocket.Chat's defaults and the grants of `ServerOptions`.
struct PermissionTable: Sendable {
    private let holders: [String: Set<String>]
    /// Every role that may be given to a user.
    let roles: Set<String>

    /// Defaults of the permissions this server asks for (contract sheet, sections 3 to 9).
    private static let defaults: [String: Set<String>] = [
        "add-user-to-any-p-room": [],
        "add-user-to-joined-room": ["admin", "owner", "moderator"],
        "api-bypass-rate-limit": ["admin", "bot", "app"],
        "archive-room": ["admin", "owner"],
        "assign-admin-role": ["admin"],
        "clean-channel-history": ["admin"],
        "create-d": ["admin", "user", "bot", "app"],
        "create-p": ["admin", "user", "bot", "app"],
        "create-personal-access-tokens": ["admin", "user"],
        "create-user": ["admin"],
        "delete-c": ["admin", "owner"],
        "delete-d": ["admin"],
        "delete-message": ["admin", "owner", "moderator"],
        "delete-own-message": ["admin", "user"],
        "delete-p": ["admin", "owner"],
        "delete-user": ["admin"],
        "edit-message": ["admin", "owner", "moderator"],
        "edit-other-user-active-status": ["admin"],
        "edit-other-user-info": ["admin"],
        "edit-other-user-password": ["admin"],
        "edit-room": ["admin", "owner", "moderator"],
        "kick-user-from-any-p-room": [],
        "leave-p": ["admin", "user", "bot", "app", "anonymous"],
        "manage-moderation-actions": ["admin"],
        "message-impersonate": ["bot", "app"],
        "post-readonly": ["admin", "owner", "moderator"],
        "remove-user": ["admin", "owner", "moderator"],
        "unarchive-room": ["admin"],
        "user-generate-access-token": ["admin"],
        "view-broadcast-member-list": ["admin", "owner", "moderator"],
        "view-c-room": ["admin", "user", "bot", "app", "anonymous"],
        "view-d-room": ["admin", "user", "bot", "app", "guest"],
        "view-full-other-user-info": ["admin"],
        "view-joined-room": ["guest", "bot", "app", "anonymous"],
        "view-outside-room": ["admin", "owner", "moderator", "user"],
        "view-p-room": ["admin", "user", "anonymous", "guest"],
        "view-room-administration": ["admin"],
        "view-statistics": ["admin"],
    ]

    /// - Parameters:
    ///   - grants: further holders by permission.
    ///   - ofUsers: all that the role `user` holds; nil leaves it the defaults.
    init(grants: [String: Set<String>], ofUsers: Set<String>? = nil) {
        var holders = Self.defaults.merging(grants) { $0.union($1) }
        if let ofUsers {
            for permission in holders.keys { holders[permission]?.remove("user") }
            for permission in ofUsers { holders[permission, default: []].insert("user") }
        }
        self.holders = holders
        roles = grants.values.reduce([SeedUser.gatewayRole, "admin", "user", "bot", "app", "guest", "anonymous"]) {
            $0.union($1)
        }
    }

    /// Whether one of the roles holds the permission.
    func allows(_ permission: String, to roles: some Sequence<String>) -> Bool {
        guard let holders = holders[permission] else { return false }
        return roles.contains { holders.contains($0) }
    }
}
