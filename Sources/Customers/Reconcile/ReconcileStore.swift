/// Compares what is kept of rooms, slots and queues with each other. Every method throws ``StoreError`` when the store
/// is away.
public protocol ReconcileStore: Sendable {
    /// Takes the turn, unless somebody had it less than a minute ago: then nil. Slots and the entries of these
    /// departments' queues are repaired on the spot, and about `limit` rooms named to look at; all rooms come in turn,
    /// after those in which an agent was left who does not have them.
    func begin(tenant: TenantID, departments: [DepartmentID], limit: Int) async throws -> ReconcileTurn?

    /// Compares an open room with the slots and its queue, and repairs those. The customer's lock is held.
    func settle(_ rid: String, tenant: TenantID) async throws -> SettledRoom
}

/// One gateway's turn to reconcile a tenant.
public struct ReconcileTurn: Sendable, Equatable {
    /// How often something was put right.
    public var repairs: [Repair: Int]
    /// Rooms to compare with the chat server's.
    public var rooms: [String]

    /// Makes a turn.
    public init(repairs: [Repair: Int] = [:], rooms: [String] = []) {
        self.repairs = repairs
        self.rooms = rooms
    }
}

/// What ``ReconcileStore/settle(_:tenant:)`` found.
public struct SettledRoom: Sendable, Equatable {
    /// What was put right.
    public var repairs: [Repair]
    /// Whether an agent is on the way into the room.
    public var isPromoting: Bool
    /// Agents who were put into the room, or had it, and may be in it still.
    public var visitors: [String]

    /// Makes a finding.
    public init(repairs: [Repair] = [], isPromoting: Bool = false, visitors: [String] = []) {
        self.repairs = repairs
        self.isPromoting = isPromoting
        self.visitors = visitors
    }
}
