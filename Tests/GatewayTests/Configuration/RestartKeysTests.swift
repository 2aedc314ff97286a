import Glibc
import Testing

@testable import Gateway

@Suite("Keys that only a restart takes")
struct RestartKeysTests {
    /// A whole configuration, a value for each key; nil for one that is not set.
    private static let values: [(key: String, value: String?, other: String)] = [
        ("listen", "/run/customersd/fcgi.sock", "127.0.0.1:9001"),
        ("allow", nil, "[10.0.0.12]"),
        ("workers", "1", "2"),
        ("control", "/run/customersd/control.sock", "off"),
        ("redis.url", "redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/1"),
        ("redis.username", "gateway", "another"),
        ("redis.password_file", "chat.password", "token.key"),
        ("chat.url", "http://127.0.0.1:3000", "http://127.0.0.1:3001"),
        ("chat.base", "https://chat.shop.test", "https://talk.shop.test"),
        ("chat.username", "gateway", "another"),
        ("chat.password_file", "chat.password", "token.key"),
        ("chat.customer_role", "user", "customer"),
        ("chat.customer_email_domain", "customers.invalid", "shop.test"),
        ("chat.customer_password", "derived", "documented"),
        ("chat.create_token_secret_file", nil, "token.key"),
        ("chat.ca_file", nil, "ca.pem"),
        ("tokens.key_file", "token.key", "seal.key"),
        ("tokens.lifetime", "600", "601"),
        ("tokens.scopes", "[rocket]", "[rocket, other]"),
        ("seal_key_file", "seal.key", "other.key"),
        ("limits.client_connect_per_ip", "30/min", "31/min"),
        ("limits.client_connect_per_tenant", "600/min", "off"),
        ("limits.client_connect_per_customer", "40/min", "41/min"),
        ("limits.transfers_per_room", "20/10min", "21/10min"),
        ("limits.failed_per_ip", "600/min", "601/min"),
        ("limits.chat_operations", "100", "101"),
        ("limits.body", "65536", "65535"),
    ]
    /// What a reload takes.
    private static let live = [
        ("access_log", "on"), ("log_level", "debug"), ("log_format", "json"), ("tenants", "credentials"),
    ]

    private let folder: ConfigurationFolder

    init() throws {
        folder = try ConfigurationFolder()
        try folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n")
        try folder.write("other.key", "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    }

    /// The usual configuration with some keys changed; nil removes one.
    private func load(_ changes: [String: String?] = [:]) throws -> GatewayConfiguration {
        var values = Dictionary(uniqueKeysWithValues: Self.values.map { ($0.key, $0.value) })
        for (key, value) in changes { values[key] = value }
        var sections: [String: [String]] = [:]
        var lines: [String] = []
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let value else { continue }
            let parts = key.split(separator: ".").map(String.init)
            if parts.count == 1 {
                lines.append("\(key): \(value)")
            } else {
                sections[parts[0], default: []].append("  \(parts[1]): \(value)")
            }
        }
        for (section, settings) in sections { lines += ["\(section):"] + settings }
        try folder.write("customersd.yaml", lines.joined(separator: "\n") + "\n")
        return try folder.load()
    }

    @Test("each is named when it has changed, and none besides", arguments: values.map { [$0.key, $0.other] })
    func named(change: [String]) throws {
        let start = try load()
        #expect(try load().keysForRestart(since: start) == [])
        let new = try load([change[0]: change[1]])
        #expect(new.keysForRestart(since: start) == [change[0]])
        #expect(start.keysForRestart(since: new) == [change[0]])
    }

    @Test("what a reload takes is not named", arguments: live.map { [$0.0, $0.1] })
    func notNamed(change: [String]) throws {
        let start = try load()
        try #require(mkdir(folder.path + "/credentials", 0o700) == 0)
        let new = try load([change[0]: change[1]])
        #expect(new != start)
        #expect(new.keysForRestart(since: start) == [])
    }

    @Test("every key of the daemon's file is one or the other")
    func complete() {
        var known = Set(ConfigurationLoader.keys)
        for (section, keys) in [
            ("redis", RedisSettings.keys), ("chat", ChatSettings.keys), ("tokens", TokenSettings.keys),
            ("limits", LimitSettings.keys),
        ] {
            known.remove(section)
            known.formUnion(keys.map { "\(section).\($0)" })
        }
        // The plain secret beside each file.
        for key in known where known.contains(key + "_file") { known.remove(key) }
        // There is one kind, and the other way to sign in has a test of its own.
        known.subtract(["chat.kind", "chat.user_id", "chat.token_file"])
        #expect(known == Set(Self.values.map(\.key) + Self.live.map(\.0)))
    }

    @Test("another way to sign in is named with all its keys")
    func credential() throws {
        let start = try load()
        let new = try load([
            "chat.username": nil, "chat.password_file": nil, "chat.user_id": "u1", "chat.token_file": "token.key",
        ])
        #expect(
            new.keysForRestart(since: start) == [
                "chat.user_id", "chat.token_file", "chat.username", "chat.password_file",
            ])
    }

    @Test("a key that is not set and follows another one is not named beside it")
    func followers() throws {
        let free: [String: String?] = ["control": nil, "chat.base": nil, "limits.client_connect_per_customer": nil]
        let start = try load(free)
        let changes: [String: String?] = [
            "listen": "/run/other/fcgi.sock", "chat.url": "http://127.0.0.1:3001",
            "limits.client_connect_per_ip": "31/min",
        ]
        let new = try load(free.merging(changes) { $1 })
        #expect(
            new.keysForRestart(since: start) == ["listen", "chat.url", "limits.client_connect_per_ip"])
    }

    @Test("the secret in a file counts, not only the file's name")
    func secret() throws {
        let start = try load()
        try folder.write("chat.password", "another\n")
        #expect(try load().keysForRestart(since: start) == ["redis.password_file", "chat.password_file"])
    }
}
