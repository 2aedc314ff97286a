public import ChatBackend

/// Our record of one room (DESIGN.md section 1).
public struct RoomSession: Sendable, Hashable {
    /// How far the room is.
    public enum State: String, Sendable {
        /// An available agent has it.
        case assigned
        /// It is in its department's queue. After a transfer to a busy department the former agent is still there.
        case waiting
        /// The agent who has it is away.
        case offline
        /// It is being closed; the rest of it may have to be done again.
        case closing
        /// Closed and kept for the tenant.
        case archived
        /// A direct room that a transfer left for another one.
        case moved

        /// Whether the customer can go on talking there.
        public var isOpen: Bool { self == .assigned || self == .waiting || self == .offline }
    }

    /// The room id.
    public var rid: String
    /// Direct room or group.
    public var kind: RoomKind
    /// Whose it is.
    public var customer: CustomerHash
    /// Who serves it; the zero id for direct rooms.
    public var department: DepartmentID
    /// The backend id of the agent who has it, or "".
    public var agent: String
    /// See ``State``.
    public var state: State
    /// Display text and natural key.
    public var groupName: String
    /// Direct rooms that this one follows after transfers; they are closed with it.
    public var previous: [String]
    /// Unix milliseconds.
    public var opened: Int64

    /// Makes a session.
    public init(
        rid: String, kind: RoomKind, customer: CustomerHash, department: DepartmentID, agent: String, state: State,
        groupName: String, previous: [String] = [], opened: Int64
    ) {
        self.rid = rid
        self.kind = kind
        self.customer = customer
        self.department = department
        self.agent = agent
        self.state = state
        self.groupName = groupName
        self.previous = previous
        self.opened = opened
    }

    /// The place in a customer's record where this room is found again.
    public var slot: RoomSlot { kind == .direct ? .direct : .department(department) }
}

/// A session with what only the store knows.
public struct StoredSession: Sendable, Hashable {
    /// The session.
    public var session: RoomSession
    /// The place in the queue, 1 = next; 0 when it is in none.
    public var place: Int
    /// How long a place in that queue takes, as a moving average, in milliseconds; nil when it is not known.
    public var pace: Int64?

    /// Pairs them.
    public init(session: RoomSession, place: Int, pace: Int64? = nil) {
        self.session = session
        self.place = place
        self.pace = pace
    }
}

/// A customer has at most one open room a slot: the direct one, and one a department.
public enum RoomSlot: Sendable, Hashable {
    /// The room that `connect` opens.
    case direct
    /// The room that `client_connect` opens with a department.
    case department(DepartmentID)

    /// The slot as text.
    public var text: String {
        switch self {
        case .direct: "direct"
        case .department(let id): id.text
        }
    }
}
