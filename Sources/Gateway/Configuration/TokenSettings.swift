/// Access tokens (`tokens`).
public struct TokenSettings: Sendable, Equatable {
    /// The HS256 key: the file's bytes less one final newline.
    public var key: SecretValue
    /// Seconds that an issued token lives, 60–604,800.
    public var lifetime: Int
    /// The values of `scp` that are accepted, at least one; issued tokens have the first.
    public var scopes: [String]

    /// Makes settings.
    public init(key: SecretValue, lifetime: Int = 43_200, scopes: [String] = ["rocket"]) {
        self.key = key
        self.lifetime = lifetime
        self.scopes = scopes
    }

    static let keys = ["key_file", "key", "lifetime", "scopes"]

    init(_ section: SettingsSection) {
        key = Self.key(section)
        lifetime = section.integer("lifetime", of: "seconds", in: 60...604_800, default: 43_200)
        let isWord = { (text: String) in !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        scopes = section.texts("scopes", expected: "a word without spaces", isAllowed: isWord) ?? ["rocket"]
        if scopes.isEmpty { section.error("scopes", "needs at least one scope") }
    }

    private static func key(_ section: SettingsSection) -> SecretValue {
        guard let secret = section.secret("key", hint: "the HS256 key of access tokens") else { return SecretValue([]) }
        if secret.value.bytes.starts(with: Array("-----BEGIN".utf8)) {
            // A public key taken for an HS256 key would let everybody sign.
            section.error(secret.key, "holds a PEM key, expected the plain bytes of an HS256 key")
        } else if secret.value.bytes.count < 32 {
            section.warn(
                secret.key, "the key has \(secret.value.bytes.count) bytes; HS256 wants 32 (RFC 7518 section 3.2)")
        }
        return secret.value
    }
}
