/// Where the Rocket.Chat server is and whom the gateway is there (DESIGN.md section 6, `chat:`).
public struct RocketChatConfiguration: Sendable, CustomStringConvertible {
    /// Scheme, host and port, perhaps a path; without `/api`.
    public var url: String
    /// The service account's credential.
    public var credential: RocketChatCredential
    /// The role new customers get.
    public var customerRole = "user"
    /// The server's `CREATE_TOKENS_FOR_USERS_SECRET`; without it, servers from 8.0 on make no tokens for others, and
    /// customers are logged in with their password.
    public var createTokenSecret: String?
    /// For each call, its one repetition included.
    public var deadline = Duration.seconds(10)
    /// For ``RocketChatBackend/health()``.
    public var healthDeadline = Duration.seconds(2)

    /// Names the server and the account; everything else has the defaults above.
    public init(url: String, credential: RocketChatCredential) {
        self.url = url
        self.credential = credential
    }

    /// The URL and the account; secrets are withheld.
    public var description: String { "\(url) as \(credential)" }
}
