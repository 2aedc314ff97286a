/// A user that is there from the start, such as an agent or the service account.
public struct SeedUser: Sendable {
    /// The user's id; nil lets the server choose one.
    public var id: String?
    /// The login name, unique without regard to case.
    public var username: String
    /// What people see; nil takes the login name.
    public var name: String?
    /// The password for `login`.
    public var password: String
    /// The address; nil makes one under `example.com`.
    public var email: String?
    /// Role ids.
    public var roles: [String]
    /// `online`, `away`, `busy` or `offline` to pin the presence; nil lets the websocket decide it.
    public var status: String?
    /// A personal access token, exempt from two-factor checks; nil for none.
    public var personalToken: String?

    /// Describes one user.
    public init(
        id: String? = nil, username: String, name: String? = nil, password: String, email: String? = nil,
        roles: [String] = ["user"], status: String? = nil, personalToken: String? = nil
    ) {
        self.id = id
        self.username = username
        self.name = name
        self.password = password
        self.email = email
        self.roles = roles
        self.status = status
        self.personalToken = personalToken
    }
}

extension SeedUser {
    /// The role that carries what the service account needs beyond `admin` (contract sheet, section 9).
    public static let gatewayRole = "gateway"

    /// The service account's id unless another is chosen: constant, so that a configuration file can name it.
    public static let serviceAccountID = "GatewayServiceAcc"

    /// Reads `username:password:email[:status]`, the form of the `--agent` option; nil when parts are missing.
    public init?(agent text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 || parts.count == 4, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let status = parts.count == 4 ? parts[3] : nil
        guard status.map(PresenceStatus.init(rawValue:)) != .some(nil) else { return nil }
        self.init(
            username: parts[0], password: parts[1], email: parts[2].isEmpty ? nil : parts[2], status: status)
    }
}
