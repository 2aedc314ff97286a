internal import ChatBackend
internal import HTTPMessage

/// A user as `users.create` and `users.info` show one.
struct RocketChatUser: Sendable {
    let account: ChatAccount
    /// nil when the server does not show them to us.
    let roles: [String]?
    /// E-mail addresses; nil when the server does not show them to us.
    let emails: [String]?

    /// nil when id or username is missing, or the id is none.
    init?(_ json: JSONValue) {
        guard let id = json["_id"]?.identifier, let username = json["username"]?.string, !username.isEmpty
        else { return nil }
        account = ChatAccount(
            id: id, username: username, name: json["name"]?.string ?? username, type: json["type"]?.string ?? "user",
            status: json["status"]?.string ?? "offline", isActive: json["active"]?.bool ?? true,
            utcOffset: json["utcOffset"]?.double ?? 0)
        roles = json["roles"]?.array?.compactMap(\.string)
        emails = json["emails"]?.array?.compactMap { $0["address"]?.string }
    }

    /// Whether it has no rights beyond those of a customer, as far as the server shows: nobody may get an agent's or an
    /// admin's account by choosing the right name.
    func isPlainCustomer(role: String) -> Bool {
        let harmless: Set = [role, "user", "guest", "anonymous"]
        return account.type == "user" && (roles ?? []).allSatisfy(harmless.contains)
    }

    /// Whether it was made for this customer, as far as the server shows: the address has a part that only the gateway
    /// knows, so nobody can register a customer's account before the customer comes. The domain may have been
    /// configured anew since.
    func wasMade(for order: NewCustomerAccount) -> Bool {
        guard let emails, !order.adoptsAnyEmail else { return true }
        let own = Self.mailbox(order.email)
        return emails.contains { Self.mailbox($0) == own }
    }

    /// `A+1f3c9a20@b` is `a`.
    private static func mailbox(_ email: String) -> Substring {
        email.lowercased()[...].prefix { $0 != "@" && $0 != "+" }
    }
}
