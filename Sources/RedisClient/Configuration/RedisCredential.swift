/// A user name and password. No text made of it, not even a dump, shows the password.
public struct RedisCredential: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The ACL user; empty for the default user.
    public let username: String
    let password: String

    /// Makes a credential; `username` is empty where the server only knows `requirepass`.
    public init(username: String = "", password: String) {
        self.username = username
        self.password = password
    }

    /// What signs a connection in.
    var command: [RedisArgument] {
        username.isEmpty ? ["AUTH", .string(password)] : ["AUTH", .string(username), .string(password)]
    }

    /// The user name only.
    public var description: String { username.isEmpty ? "default user" : "user \(username)" }
    /// The user name only.
    public var debugDescription: String { description }
    /// The user name only.
    public var customMirror: Mirror { Mirror(self, children: ["username": username]) }
}
