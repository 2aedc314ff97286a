public import RedisClient

/// The state store (`redis`).
public struct RedisSettings: Sendable, Equatable {
    /// Where it is, and the database (`url`).
    public var url: RedisURL
    /// The ACL user, or "" for the default user (`username`).
    public var username: String
    /// The password, when there is one (`password_file`).
    public var password: SecretValue?

    static let keys = ["url", "username", "password_file", "password"]
    private static let defaultURL = RedisURL(socket: "/run/redis/redis-server.sock")

    init(_ section: SettingsSection) {
        url = Self.url(section)
        username = section.text("username", default: "")
        password = section.secret("password")?.value
        if !username.isEmpty, !section.isSecretSet("password") {
            section.error("username", "needs password_file as well")
        }
        if !url.endpoint.isLocal {
            section.warn("url", "Redis on another machine is spoken to in clear; use a private network or a tunnel")
        }
    }

    private static func url(_ section: SettingsSection) -> RedisURL {
        guard section.isSet("url"), let text = section.value("url")?.text() else { return defaultURL }
        do throws(RedisError) {
            return try RedisURL(text)
        } catch {
            section.error("url", error.message)
            return defaultURL
        }
    }
}
