/// How the gateway's own account proves itself to the server.
public enum RocketChatCredential: Sendable, CustomStringConvertible, CustomReflectable {
    /// A token that an operator made for the account; it does not expire and is never logged out.
    case personalAccessToken(userID: String, token: String)
    /// A login, made when it is first needed and again when the server has forgotten it.
    case password(username: String, password: String)

    /// The account; the secret is withheld so that no log line can carry it.
    public var description: String {
        switch self {
        case .personalAccessToken(let userID, _): "user id \(userID)"
        case .password(let username, _): "user \(username)"
        }
    }

    /// Shows no secret to `dump` either.
    public var customMirror: Mirror { Mirror(self, children: ["account": description]) }
}
