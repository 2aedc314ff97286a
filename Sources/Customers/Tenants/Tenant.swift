/// A company whose customers are served here, as its configuration file says (DESIGN.md section 6).
public struct Tenant: Sendable {
    /// Its id, the public `api_key`.
    public var id: TenantID
    /// Shown to admins, and the name of the department of a tenant that has none.
    public var name: String
    /// Shared with the tenant's own servers: signs requests for access tokens. Never logged.
    public var secretKey: [UInt8]
    /// Whether `/managers/access_token` wants a `timestamp` in the signed message.
    public var requiresTimestamp: Bool
    /// How much a bare name in `client_connect` is believed.
    public var identity: IdentityPolicy
    /// Browser origins (`scheme://host[:port]`) that may call for this tenant.
    public var origins: Set<String>
    /// What becomes of a room that is closed.
    public var closePolicy: ClosePolicy
    /// What happens to customers while no agent is online.
    public var whenOffline: OfflinePolicy
    /// How an agent is chosen among the available.
    public var routing: RoutingPolicy
    /// Seconds after which a room that nobody uses is closed; 0 for never.
    public var sessionTTL: Int
    /// Seconds after which a customer who waits for an agent and is not heard of is given up; 0 for never.
    public var queueTTL: Int
    /// Seconds that an agent who has a room may be offline before another one gets it; 0 for any time.
    public var reassignAfter: Int
    /// Settings, departments and agents, the default first when there is one.
    public var departments: [Department]
    /// What holds where no department is concerned (`connect`).
    public var settings: ClientSettings

    /// Makes a tenant.
    public init(
        id: TenantID, name: String, secretKey: [UInt8], requiresTimestamp: Bool = false,
        identity: IdentityPolicy = .claimed(secret: nil), origins: Set<String> = [], closePolicy: ClosePolicy = .delete,
        whenOffline: OfflinePolicy = .queue, routing: RoutingPolicy = .random, departments: [Department] = [],
        settings: ClientSettings = ClientSettings(), sessionTTL: Int = 86_400, queueTTL: Int = 1_800,
        reassignAfter: Int = 120
    ) {
        self.id = id
        self.name = name
        self.secretKey = secretKey
        self.requiresTimestamp = requiresTimestamp
        self.identity = identity
        self.origins = origins
        self.closePolicy = closePolicy
        self.whenOffline = whenOffline
        self.routing = routing
        self.sessionTTL = sessionTTL
        self.queueTTL = queueTTL
        self.reassignAfter = reassignAfter
        self.departments = departments
        self.settings = settings
    }

    /// All agents of all departments, each once, in the order of the configuration.
    public var agents: [Agent] {
        var seen: Set<String> = []
        return departments.flatMap(\.agents).filter { seen.insert($0.username.lowercased()).inserted }
    }

    /// All agents under the zero UUID: where a customer goes who names no department, if there is no default.
    public var everyone: Department {
        Department(id: .zero, name: name, agents: agents, settings: settings)
    }

    /// The department with this id; the zero UUID stands for all agents.
    public func department(_ id: DepartmentID) -> Department? {
        if let department = departments.first(where: { $0.id == id }) { return department }
        return id == .zero ? everyone : nil
    }

    /// Where a customer goes who names no department.
    public var defaultDepartment: Department {
        departments.first(where: \.isDefault) ?? everyone
    }
}

/// How much a bare name in `client_connect` is believed.
public enum IdentityPolicy: Sendable {
    /// A bare name is believed; a `user_hash` is checked when there is a secret to check it with.
    case claimed(secret: [UInt8]?)
    /// A name counts only with a `user_hash` made with this secret.
    case signed(secret: [UInt8])

    /// The key of `user_hash`.
    public var secret: [UInt8]? {
        switch self {
        case .claimed(let secret): secret
        case .signed(let secret): secret
        }
    }
}

/// What becomes of a room that is closed.
public enum ClosePolicy: String, Sendable {
    /// The room goes with its messages and files (the contract: no history is kept).
    case delete
    /// The room stays, closed, for the tenant's own access token.
    case archive
}

/// What happens to customers while no agent is online.
public enum OfflinePolicy: String, Sendable {
    /// They wait in the queue.
    case queue
    /// An offline agent gets the room.
    case assign
}

/// How an agent is chosen among the available.
public enum RoutingPolicy: String, Sendable {
    /// Each is as likely.
    case random
    /// The one with the fewest rooms.
    case leastBusy = "least_busy"
    /// The one who had the customer last, if available; else each is as likely.
    case sticky
}
