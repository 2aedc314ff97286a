/// The chat server and how the gateway signs in there (`chat`).
public struct ChatSettings: Sendable, Equatable {
    /// The kinds of chat server.
    public enum Kind: String, Sendable, CaseIterable {
        case rocketchat
    }

    /// Which passwords customers' accounts get.
    public enum CustomerPassword: String, Sendable, CaseIterable {
        /// One that nobody else can work out.
        case derived
        /// The one that the contract documents.
        case documented
    }

    /// How the gateway signs in.
    public enum Credential: Sendable, Equatable {
        /// A personal access token of this user id.
        case token(userID: String, token: SecretValue)
        /// An account's password.
        case password(username: String, password: SecretValue)
    }

    /// What kind of server it is (`kind`).
    public var kind: Kind
    /// Where the gateway calls it: scheme, host and port, no slash at the end (`url`).
    public var url: String
    /// What clients get as `base`; the same form (`base`).
    public var base: String
    /// How the gateway signs in (`user_id` with `token_file`, or `username` with `password_file`).
    public var credential: Credential
    /// The role that customers' accounts get (`customer_role`).
    public var customerRole: String
    /// The domain of customers' e-mail addresses (`customer_email_domain`).
    public var customerEmailDomain: String
    /// Which passwords customers' accounts get (`customer_password`).
    public var customerPassword: CustomerPassword
    /// What `users.createToken` of newer servers wants to be told (`create_token_secret_file`).
    public var createTokenSecret: SecretValue?
    /// Certificates to trust instead of the system's (`ca_file`).
    public var caFile: String?

    static let keys = [
        "kind", "url", "base", "user_id", "token_file", "token", "username", "password_file", "password",
        "customer_role",
        "customer_email_domain", "customer_password", "create_token_secret_file", "create_token_secret", "ca_file",
    ]

    init(_ section: SettingsSection) {
        kind = section.choice("kind", default: .rocketchat)
        let origin = section.webOrigin("url")
        url = origin?.text ?? ""
        if origin == nil { section.require("url", hint: "the chat server's address, such as http://127.0.0.1:3000") }
        base = section.webOrigin("base")?.text ?? url
        credential = Self.credential(section)
        customerRole = section.text("customer_role", default: "user", expected: "a role's name without spaces") {
            !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        }
        if customerRole == "admin" {
            section.error("customer_role", "admin would make every customer an administrator of the chat server")
        }
        customerEmailDomain = section.text(
            "customer_email_domain", default: "customers.invalid", expected: "a domain such as customers.invalid"
        ) { HostAndPort.isName($0.lowercased()) }
        customerPassword = section.choice("customer_password", default: .derived)
        createTokenSecret = section.secret("create_token_secret", isText: true)?.value
        caFile = section.certificates("ca_file")
        if customerPassword == .documented {
            section.warn(
                "customer_password",
                "documented: everybody can sign in to the chat server as any customer; prefer derived")
        }
        if section.isSet("base"), WebOrigin(base)?.isExample == true {
            section.warn("base", "is an address for examples, which no customer can reach")
        }
        if let origin, origin.scheme == "http", !NumericAddress.isLoopback(origin.host) {
            section.warn("url", "http to another machine sends tokens and passwords in clear; prefer https")
        }
    }

    /// Exactly one of the two ways.
    private static func credential(_ section: SettingsSection) -> Credential {
        let userID = section.text("user_id", default: "")
        let username = section.text("username", default: "")
        let nothing = Credential.token(userID: "", token: SecretValue([]))
        let way = "the gateway's sign-in is either user_id with token_file or username with password_file"
        switch (
            section.isSet("user_id") || section.isSecretSet("token"),
            section.isSet("username") || section.isSecretSet("password")
        ) {
        case (true, true):
            section.error("user_id", "username is set as well: \(way)")
            return nothing
        case (false, false):
            section.error(nil, "is without a sign-in: \(way)")
            return nothing
        case (true, false):
            section.require("user_id", hint: "the user id of the personal access token")
            let token = section.secret("token", hint: "the personal access token of user_id", isText: true)?.value
            return .token(userID: userID, token: token ?? SecretValue([]))
        case (false, true):
            section.require("username", hint: "the gateway's account at the chat server")
            let password = section.secret("password", hint: "the password of username", isText: true)?.value
            return .password(username: username, password: password ?? SecretValue([]))
        }
    }
}
