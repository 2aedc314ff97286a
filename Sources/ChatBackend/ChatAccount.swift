/// A customer's account as the chat server shows it.
public struct ChatAccount: Sendable, Hashable {
    /// The chat server's user id, opaque.
    public var id: String
    /// The login name, in the server's spelling.
    public var username: String
    /// The name people see.
    public var name: String
    /// `user` for everybody whom we make.
    public var type: String
    /// `online`, `away`, `busy` or `offline`.
    public var status: String
    /// Whether the account may log in.
    public var isActive: Bool
    /// Hours from UTC.
    public var utcOffset: Double

    /// Makes an account value; the defaults are those of a new account.
    public init(
        id: String, username: String, name: String, type: String = "user", status: String = "offline",
        isActive: Bool = true, utcOffset: Double = 0
    ) {
        self.id = id
        self.username = username
        self.name = name
        self.type = type
        self.status = status
        self.isActive = isActive
        self.utcOffset = utcOffset
    }
}

/// What it takes to make a customer's account.
public struct NewCustomerAccount: Sendable {
    /// The login name: only `[0-9A-Za-z._-]`.
    public var username: String
    /// The name people see: 1–64 scalars of any script.
    public var name: String
    /// Unique to this account; nobody reads mail there.
    public var email: String
    /// Never shown to anyone.
    public var password: String
    /// Whether an account of this name counts as the customer's although its e-mail address is another one: accounts
    /// that were made before this gateway. Otherwise somebody who registered the name first would be handed the
    /// customer.
    public var adoptsAnyEmail: Bool

    /// Makes the order.
    public init(username: String, name: String, email: String, password: String, adoptsAnyEmail: Bool = false) {
        self.username = username
        self.name = name
        self.email = email
        self.password = password
        self.adoptsAnyEmail = adoptsAnyEmail
    }
}

/// A customer's user id and live token: what a call in the customer's own name needs.
public struct CustomerCredential: Sendable, Hashable, CustomStringConvertible {
    /// The chat server's user id.
    public var userID: String
    /// The login token. Never logged.
    public var token: String

    /// Makes a credential.
    public init(userID: String, token: String) {
        self.userID = userID
        self.token = token
    }

    /// The user id; the token is withheld so that no log line can carry it.
    public var description: String { "CustomerCredential(\(userID))" }
}
