internal import Foundation

/// A tenant as a test wants it, with ids, keys and agents of its own unless it says otherwise.
public struct GatewayTenantPlan: Sendable {
    /// A department of it.
    public struct Department: Sendable {
        /// A UUID of its own.
        public var id = UUID().uuidString.lowercased()
        /// For people.
        public var name: String
        /// Whether customers who name none come here.
        public var isDefault: Bool
        /// The greeting; nil leaves the line out.
        public var template: String?
        /// Seconds; nil leaves the line out.
        public var timeout: Int?
        /// A JSON object.
        public var config: String?
        /// Who serves it.
        public var agents: [Agent]

        /// Makes a department.
        public init(
            _ name: String = "sales", isDefault: Bool = false, template: String? = nil, timeout: Int? = nil,
            config: String? = nil, agents: [Agent] = [Agent()]
        ) {
            self.name = name
            self.isDefault = isDefault
            self.template = template
            self.timeout = timeout
            self.config = config
            self.agents = agents
        }
    }

    /// An agent; devchat gets an account for each.
    public struct Agent: Sendable {
        /// The login name at devchat.
        public var username = "agent-" + UUID().uuidString.lowercased().prefix(13)
        /// Rooms at once at most.
        public var capacity: Int
        /// `online`, `away`, `busy` or `offline`.
        public var status: String

        /// Makes an agent.
        public init(capacity: Int = 100, status: String = "online") {
            self.capacity = capacity
            self.status = status
        }
    }

    /// A UUID of its own.
    public var id = UUID().uuidString.lowercased()
    /// For people.
    public var name = "Acme"
    /// Signs requests for access tokens.
    public var secretKey = UUID().uuidString.replacingOccurrences(of: "-", with: "")
    /// Whether a signature for an access token must carry a timestamp; nil leaves the line out.
    public var requiresTimestamp: Bool?
    /// `claimed` or `signed`; nil leaves the line out.
    public var identity: String?
    /// The key of `user_hash`; nil leaves the line out.
    public var identitySecret: String?
    /// Browser origins.
    public var origins: [String] = []
    /// `delete` or `archive`; nil leaves the line out.
    public var close: String?
    /// `queue` or `assign`; nil leaves the line out.
    public var whenOffline: String?
    /// `random`, `least_busy` or `sticky`; nil leaves the line out.
    public var routing: String?
    /// Seconds; nil leaves the line out.
    public var reassignAfter: Int?
    /// Seconds; nil leaves the line out.
    public var queueTTL: Int?
    /// Seconds; nil leaves the line out.
    public var sessionTTL: Int?
    /// A JSON object.
    public var config: String?
    /// Seconds; nil leaves the line out.
    public var timeout: Int?
    /// The greeting; nil leaves the line out.
    public var template: String?
    /// Its departments.
    public var departments: [Department]

    /// A tenant with one default department and one agent who is online and never full.
    public init(departments: [Department] = [Department(isDefault: true)], _ change: (inout Self) -> Void = { _ in }) {
        self.departments = departments
        change(&self)
    }

    /// All agents, each once.
    public var agents: [Agent] {
        var seen: Set<String> = []
        return departments.flatMap(\.agents).filter { seen.insert($0.username).inserted }
    }

    /// The tenant's file in `tenants.d` (DESIGN.md section 6).
    public var yaml: String {
        var lines = ["id: \(id)", "name: \(quoted(name))", "secret_key: \(secretKey)"]
        if let requiresTimestamp { lines.append("require_timestamp: \(requiresTimestamp)") }
        if let identity { lines.append("identity: \(identity)") }
        if let identitySecret { lines.append("identity_secret: \(identitySecret)") }
        if !origins.isEmpty { lines.append("origins: [\(origins.map(quoted).joined(separator: ", "))]") }
        if let close { lines.append("close: \(close)") }
        if let whenOffline { lines.append("when_offline: \(whenOffline)") }
        if let routing { lines.append("routing: \(routing)") }
        if let reassignAfter { lines.append("reassign_after: \(reassignAfter)") }
        if let queueTTL { lines.append("queue_ttl: \(queueTTL)") }
        if let sessionTTL { lines.append("session_ttl: \(sessionTTL)") }
        if let config { lines.append("config: \(config)") }
        if let timeout { lines.append("timeout: \(timeout)") }
        if let template { lines.append("template: \(quoted(template))") }
        guard !departments.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        lines.append("departments:")
        for department in departments {
            lines += ["  - id: \(department.id)", "    name: \(quoted(department.name))"]
            if department.isDefault { lines.append("    default: true") }
            if let template = department.template { lines.append("    template: \(quoted(template))") }
            if let timeout = department.timeout { lines.append("    timeout: \(timeout)") }
            if let config = department.config { lines.append("    config: \(config)") }
            guard !department.agents.isEmpty else { continue }
            lines.append("    agents:")
            for agent in department.agents {
                lines.append(
                    "      - {username: \(agent.username), email: \(agent.username)@example.com, "
                        + "capacity: \(agent.capacity)}")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func quoted(_ text: String) -> String { "\(HTTPTestJSON.string(text))" }
}
