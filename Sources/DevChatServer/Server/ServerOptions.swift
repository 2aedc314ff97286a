/// How a stand-in server behaves from its start; `POST /_devchat/reset` returns to exactly this.
public struct ServerOptions: Sendable {
    /// The release to imitate.
    public var band: VersionBand = .eight
    /// Users present from the start: the service account first, then the agents.
    public var users: [SeedUser] = [.serviceAccount()]
    /// Further role grants, permission to roles, on top of Rocket.Chat's defaults.
    public var grants: [String: Set<String>] = [
        "add-user-to-any-p-room": [SeedUser.gatewayRole],
        "kick-user-from-any-p-room": [SeedUser.gatewayRole],
    ]
    /// All permissions of the role `user`, which customers have; nil for Rocket.Chat's defaults.
    public var customerPermissions: Set<String>?
    /// The server's `CREATE_TOKENS_FOR_USERS_SECRET`; nil refuses every `users.createToken` of another user.
    public var createTokenSecret: String?
    /// Calls a route, method and address may make in `rateInterval`; 0 turns the limiter off.
    public var rateLimit = 10
    /// The limiter's window in milliseconds.
    public var rateInterval = 60_000
    /// How many proxies may speak for a client in `X-Forwarded-For`, as `HTTP_FORWARDED_COUNT` does.
    public var forwardedCount = 0
    /// Whether `users.update` and `users.generatePersonalAccessToken` ask for a second factor.
    public var twoFactor = true
    /// Milliseconds during which an accepted second factor is remembered, and a new user needs none.
    public var twoFactorMemory = 1_800_000
    /// Whether `im.create` leaves out names nobody has, instead of refusing (contract sheet, section 4).
    public var dropsUnknownNames = false
    /// Bad behaviour from the start.
    public var faults: [Fault] = []
    /// The most journal entries kept; older ones are dropped.
    public var journalLimit = 100_000
    /// The server's own address as `avatarUrl` and upload links show it.
    public var siteURL = "http://localhost:3000"

    /// Rocket.Chat 8 with a service account `gateway`, password `gateway`.
    public init() {}
}

extension SeedUser {
    /// The account the gateway works with: `admin`, and the two grants that no role has by default.
    public static func serviceAccount(
        username: String = "gateway", password: String = "gateway", id: String = serviceAccountID,
        personalToken: String? = nil
    ) -> SeedUser {
        SeedUser(
            id: id, username: username, name: "Gateway", password: password, roles: ["admin", gatewayRole],
            personalToken: personalToken)
    }
}
