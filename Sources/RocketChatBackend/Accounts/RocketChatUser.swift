internal import ChatBackend
internal import HTTPMessage

/// A user as `users.create` and `users.info` show one.
struct RocketChatUser: Sendable {
    let account: ChatAccount
    /// nil when the server does not show them to us.
    let roles: [String]?

    /// nil when id or username is missing.
    init?(_ json: JSONValue) {
        guard let id = json["_id"]?.string, !id.isEmpty, let username = json["username"]?.string, !username.isEmpty
        else { return nil }
        account = ChatAccount(
            id: id, username: username, name: json["name"]?.string ?? username, type: json["type"]?.string ?? "user",
            status: json["status"]?.string ?? "offline", isActive: json["active"]?.bool ?? true,
            utcOffset: json["utcOffset"]?.double ?? 0)
        roles = json["roles"]?.array?.compactMap(\.string)
    }

    /// Whether it has no rights beyond those of a customer, as far as the server shows: nobody may get an agent's or an
    /// admin's account by choosing the right name.
    func isPlainCustomer(role: String) -> Bool {
        let harmless: Set = [role, "user", "guest", "anonymous"]
        return account.type == "user" && (roles ?? []).allSatisfy(harmless.contains)
    }
}
