public import HTTPMessage

/// A tenant as its file says (`tenants.d/*.yaml`).
public struct TenantSettings: Sendable, Equatable {
    /// The values of `identity`.
    public enum Identity: String, Sendable, CaseIterable {
        case claimed, signed
    }

    /// The values of `close`.
    public enum Close: String, Sendable, CaseIterable {
        case delete, archive
    }

    /// The values of `when_offline`.
    public enum WhenOffline: String, Sendable, CaseIterable {
        case queue, assign
    }

    /// The values of `routing`.
    public enum Routing: String, Sendable, CaseIterable {
        case random
        case leastBusy = "least_busy"
        case sticky
    }

    /// The tenant's id as lower-case dashed UUID (`id`).
    public var id: String
    /// Shown to admins; the id when it is not set (`name`).
    public var name: String
    /// Signs the tenant's requests for access tokens; 32 random characters (`secret_key`, `secret_key_file`).
    public var secretKey: SecretValue
    /// Whether such a request must have a timestamp, so that it cannot be replayed (`require_timestamp`).
    public var requiresTimestamp: Bool
    /// How much a bare name is believed (`identity`).
    public var identity: Identity
    /// The key of `user_hash`; always there when `identity` is `signed` (`identity_secret`, `identity_secret_file`).
    public var identitySecret: SecretValue?
    /// Browser origins, as browsers write them (`origins`).
    public var origins: [String]
    /// What becomes of closed rooms (`close`).
    public var close: Close
    /// What happens while no agent is online (`when_offline`).
    public var whenOffline: WhenOffline
    /// How agents are chosen (`routing`).
    public var routing: Routing
    /// Seconds after which a room that nobody uses is closed, up to 28 days; 0 for never (`session_ttl`).
    public var sessionTTL: Int
    /// Seconds after which a customer who waits and is not heard of is given up, up to 28 days; 0 for never
    /// (`queue_ttl`).
    public var queueTTL: Int
    /// Seconds that an agent who has a room may be offline before another one gets it, up to a day; 0 for any time
    /// (`reassign_after`).
    public var reassignAfter: Int
    /// The public settings (`config`).
    public var config: [String: JSONValue]
    /// Seconds, 1–86,400 (`timeout`).
    public var timeout: Int
    /// The greeting (`template`).
    public var template: String
    /// The departments in the file's order (`departments`).
    public var departments: [DepartmentSettings]

    /// Less than the 30 days that a room's record lives from its last use.
    private static let longestTTL = 28 * 86_400

    static let keys = [
        "id", "name", "secret_key", "secret_key_file", "require_timestamp", "identity", "identity_secret",
        "identity_secret_file", "origins", "close", "when_offline", "routing", "session_ttl", "queue_ttl",
        "reassign_after", "config", "timeout", "template", "departments",
    ]

    init(_ section: SettingsSection) {
        id = section.requiredUUID("id", hint: "the tenant's UUID, which is its api_key")
        name = section.text("name", default: "")
        if name.isEmpty { name = id }
        secretKey =
            Self.key(section, "secret_key", hint: "the key that signs requests for access tokens") ?? SecretValue([])
        requiresTimestamp = section.flag("require_timestamp", default: false)
        identity = section.choice("identity", default: .claimed)
        identitySecret = Self.key(section, "identity_secret", hint: nil)
        if identity == .signed, !section.isSecretSet("identity_secret") {
            section.error("identity", "signed needs identity_secret_file, the key of user_hash")
        }
        if identity == .claimed {
            section.warn("identity", "claimed: a customer's bare name is believed; prefer signed")
        }
        origins = section.origins("origins")
        close = section.choice("close", default: .delete)
        whenOffline = section.choice("when_offline", default: .queue)
        routing = section.choice("routing", default: .random)
        config = section.json("config") ?? [:]
        timeout = section.integer("timeout", of: "seconds", in: 1...86_400, default: 200)
        template = section.text("template", default: "")
        sessionTTL = section.integer("session_ttl", of: "seconds", in: 0...Self.longestTTL, default: 86_400)
        queueTTL = section.integer("queue_ttl", of: "seconds", in: 0...Self.longestTTL, default: 1_800)
        reassignAfter = section.integer("reassign_after", of: "seconds", in: 0...86_400, default: 120)
        if queueTTL != 0, queueTTL <= timeout {
            section.warn("queue_ttl", "is not above timeout: waiting customers are given up before they call again")
        }
        departments = section.sections("departments", known: DepartmentSettings.keys).map { DepartmentSettings($0) }
        if departments.isEmpty { section.warn("departments", "the tenant has no departments, so nobody answers") }
        section.checkDepartments(departments)
    }

    private static func key(_ section: SettingsSection, _ name: String, hint: String?) -> SecretValue? {
        guard let secret = section.secret(name, hint: hint) else { return nil }
        if secret.value.bytes.count < 16 {
            section.warn(secret.key, "has \(secret.value.bytes.count) bytes; use 32 random characters")
        }
        return secret.value
    }
}

extension SettingsSection {
    /// Browsers send origins in lower case and without the scheme's own port, so they are kept that way.
    fileprivate func origins(_ key: String) -> [String] {
        values(key).compactMap { value in
            guard let text = value.text() else { return nil }
            guard text != "null", let origin = WebOrigin(text) else {
                value.error(
                    "expected an origin such as https://shop.example.com, without a path and without *", got: text)
                return nil
            }
            return origin.text
        }
    }

    fileprivate func checkDepartments(_ departments: [DepartmentSettings]) {
        var ids: [String: Int] = [:]
        var defaultIndex: Int?
        var capacities: [String: (capacity: Int, key: String)] = [:]
        for (index, department) in departments.enumerated() {
            let section = element("departments", index)
            if !department.id.isEmpty, let first = ids.updateValue(index, forKey: department.id) {
                section.error("id", "department \(department.id) is departments[\(first)] already")
            }
            if department.isDefault {
                if let defaultIndex { section.error("default", "departments[\(defaultIndex)] is the default already") }
                defaultIndex = defaultIndex ?? index
            }
            var usernames = Set<String>()
            for (place, agent) in department.agents.enumerated() where !agent.username.isEmpty {
                let agentSection = section.element("agents", place)
                // The chat server compares user names without case.
                let username = agent.username.lowercased()
                if !usernames.insert(username).inserted {
                    agentSection.error("username", "is in this department already", got: agent.username)
                } else if let other = capacities[username], other.capacity != agent.capacity {
                    // An agent has one number of rooms, whatever the department.
                    agentSection.error(
                        "capacity", "expected \(other.capacity) as in \(other.key), got \"\(agent.capacity)\"")
                } else {
                    capacities[username] = (agent.capacity, agentSection.path)
                }
            }
        }
    }
}
