import ChatBackend

/// What a call is about to make at the chat server: an account, a room.
///
/// It is noted with the customer's lock. When the gateway dies before the room's record is written, or the call fails at a moment when
/// nobody can say what it left, the sweep finds the note and looks (``SweepRule/opening``).
public struct Opening: Sendable {
    /// The customer.
    public var customer: CustomerHash
    /// Which of the customer's rooms.
    public var slot: RoomSlot
    /// What the account's name is made of; nil for a customer who is stored already.
    public var key: CustomerKey?
    /// The chat server's name of the group; empty for a direct room.
    public var groupName: String
    /// Whether something may be at the chat server that is not stored.
    var mayHaveLeft = false

    /// A customer's group with a department.
    init(group name: String, of key: CustomerKey, with department: DepartmentID) {
        (customer, slot, self.key, groupName) = (key.stored, .department(department), key, name)
    }

    /// A customer's direct room.
    init(directRoomOf customer: CustomerHash, key: CustomerKey? = nil) {
        (self.customer, slot, self.key, groupName) = (customer, .direct, key, "")
    }

}

extension Opening? {
    /// Makes something at the chat server, and keeps in mind whether it may be there.
    mutating func making<Value>(_ make: () async throws -> Value) async throws -> Value {
        do {
            let made = try await make()
            self?.mayHaveLeft = true
            return made
        } catch {
            if (error as? ChatBackendError)?.mayHaveRun != false { self?.mayHaveLeft = true }
            throw error
        }
    }
}

/// What is noted of openings that came to no end, for one customer.
public struct LapsedOpening: Sendable, Hashable {
    /// The customer.
    public var customer: CustomerHash
    /// What the account's name is made of, when that was noted.
    public var key: CustomerKey?
    /// The chat server's names of groups that may be there.
    public var groups: [DepartmentID: String]
    /// Whether there may be a direct room with any of `agents`.
    public var isDirect: Bool
    /// Agents of whom a slot was kept, by backend id.
    public var agents: [String]

    /// Makes a note.
    public init(
        customer: CustomerHash, key: CustomerKey? = nil, groups: [DepartmentID: String] = [:], isDirect: Bool = false,
        agents: [String] = []
    ) {
        self.customer = customer
        self.key = key
        self.groups = groups
        self.isDirect = isDirect
        self.agents = agents
    }
}
