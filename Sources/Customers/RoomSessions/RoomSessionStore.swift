/// Where room sessions, agents' loads and queues are kept: what must change together changes in one step.
///
/// Every method throws ``StoreError`` when the store is away. An agent is counted by the rooms they have, each once
/// however often it is written, and by slots that ``take(from:leastBusy:behindQueueOf:for:)`` keeps for rooms which do
/// not exist yet. A slot that is neither used nor given back, as in a crash, is free again soon after the customer's
/// lock.
public protocol RoomSessionStore: Sendable {
    /// The session of a room of this tenant.
    func find(_ rid: String, tenant: TenantID) async throws -> StoredSession?

    /// Writes a new session, opens its slot in the customer's record, and queues it when it is `waiting`.
    ///
    /// - Returns: the session with its place in the queue, 0 when it is not waiting.
    func open(_ session: RoomSession) async throws -> StoredSession

    /// Takes a free slot of one of these agents: the first that has one, or the one with the fewest rooms.
    ///
    /// Taking and counting are one step, so no agent ever exceeds their capacity, whatever the number of gateways.
    /// The slot is the customer's, whose lock the caller holds; taken again for the same customer it is the same slot.
    /// Nobody is taken while somebody waits in the queue of the department `queue`. The caller opens a room with the
    /// agent whose id is returned, or gives them back with ``release(_:for:)``.
    func take(
        from candidates: [AgentCandidate], leastBusy: Bool, behindQueueOf queue: DepartmentID?,
        for customer: CustomerHash
    ) async throws -> String?

    /// Counts a room of the customer, which is yet to be written, for an agent who was found to have it already.
    func count(_ agent: String, for customer: CustomerHash) async throws

    /// Gives back what ``take(from:leastBusy:behindQueueOf:for:)`` took under the lock that is held: the agent is in no
    /// room of the customer. What an earlier call may have left is the sweep's to give back.
    func release(_ agent: String, for customer: CustomerHash) async throws

    /// Hands a room over to the agent of `session`, who was taken for it, and takes it out of any queue.
    ///
    /// The former agent is a visitor then, whose slot is freed by ``noteVisitor(_:isIn:rid:tenant:)`` once they are out
    /// of the room: so nobody is in more rooms than they may have.
    /// - Returns: false, with nothing changed, when the room is no longer open, or agent or department are not
    ///   `former`'s.
    func assign(_ session: RoomSession, from former: RoomSession) async throws -> Bool

    /// Puts an open room into the queue of a department, keeping its agent if it has one. Its slot moves with it.
    ///
    /// - Returns: the place in the queue, or nil when the room is no longer open.
    func enqueue(_ session: RoomSession) async throws -> Int?

    /// Puts an open room back to the head of its department's queue: before all who wait there, and among those who
    /// came back in the order in which they were opened. When its agent comes first, they have it again.
    ///
    /// With `keepingAgent` they stay in the room, and are counted for it, until another one has it.
    /// - Returns: the place in the queue, or nil when the room is not open or has another agent than `session`.
    func returnToQueue(_ session: RoomSession, keepingAgent: Bool) async throws -> Int?

    /// Finds a free slot of one of the candidates for the first room in a department's queue that can have one.
    ///
    /// With ``RoutingPolicy/sticky`` the customer's last agent comes first.
    /// The room keeps its place until ``assign(_:from:)`` or ``move(_:to:)``; meanwhile nobody else is found for it. A
    /// promotion ends when it is not kept up for four seconds, as in a crash, or when the room is closed or moved. The
    /// agent may be in a group by then: they are a visitor (``noteVisitor(_:isIn:rid:tenant:)``), counted until they
    /// are out of it or it is gone. While whoever carries it out keeps it up, they are not found for it again, as they
    /// are about to be taken out; after that they are the first.
    func promoteNext(
        in department: DepartmentID, tenant: TenantID, candidates: [AgentCandidate], policy: RoutingPolicy
    ) async throws -> Promotion?

    /// A promotion is being carried out, and not left behind by a crash. To be called every second.
    func keepUp(_ promotion: Promotion) async throws

    /// Undoes a promotion: the agent's slot is freed (not yet, when they are a visitor still), the room waits on at its
    /// place or, when it would hold up the others, at the end of the queue, where it is left in peace for ten seconds.
    func undo(_ promotion: Promotion, toEnd: Bool) async throws

    /// Moves a session to `closing`, where nobody can resume it. Its agent has it until ``finishClose(_:archived:)``,
    /// when the room is gone from the chat server, or ``letGo(_:)``.
    ///
    /// `idle` must still hold in that very step; nil closes whatever anybody did meanwhile.
    /// - Returns: the session as it was, or nil when there is none, or `idle` does not hold.
    func beginClose(_ rid: String, tenant: TenantID, if idle: IdleRoom?) async throws -> RoomSession?

    /// Frees the agent of a room that is closing and that the chat server does not remove: the next customer need not
    /// wait for it.
    func letGo(_ session: RoomSession) async throws

    /// The customer was there: now, or at a time in the past (Unix milliseconds) that was only found out.
    ///
    /// Starting, resuming and transferring do the same by themselves. Nothing happens to a room that is not open.
    func touch(_ session: RoomSession, at time: Int64?) async throws

    /// Ends a session: frees the customer's slot, and leaves a tombstone for 24 h.
    ///
    /// With `archived` the record is kept for the tenant.
    func finishClose(_ session: RoomSession, archived: Bool) async throws

    /// Whose room it was, if it was closed within 24 h.
    func closedRoom(_ rid: String, tenant: TenantID) async throws -> CustomerHash?

    /// Replaces a direct room by its successor in one step, the agent's slot freed.
    ///
    /// - Returns: false, with nothing changed, when the room is no longer open, or agent or department are not
    ///   `former`'s.
    func move(_ former: RoomSession, to successor: RoomSession) async throws -> Bool

    /// Appends to a room's transfer log; the newest ``TransferRecord/kept`` entries are kept, until the room is
    /// removed.
    func log(_ record: TransferRecord, of rid: String, tenant: TenantID) async throws

    /// A room's transfer log, the oldest first.
    func transfers(of rid: String, tenant: TenantID) async throws -> [TransferRecord]

    /// An agent is about to be put into a room, or was taken out of it; in between they are counted for it, with the
    /// slot that was kept for its customer if there is one. ``assign(_:from:)`` makes the new agent no visitor any
    /// more, and the former one a visitor. Who remains a visitor, as in a crash, must be taken out.
    func noteVisitor(_ agent: String, isIn: Bool, rid: String, tenant: TenantID) async throws

    /// The departments of a tenant that have somebody waiting, of those named.
    func waiting(in departments: [DepartmentID], tenant: TenantID) async throws -> [DepartmentID]
}

extension RoomSessionStore {
    /// ``beginClose(_:tenant:if:)`` for somebody who may close the room at any time.
    public func beginClose(_ rid: String, tenant: TenantID) async throws -> RoomSession? {
        try await beginClose(rid, tenant: tenant, if: nil)
    }
}

/// An agent who could take a room.
public struct AgentCandidate: Sendable, Hashable {
    /// The backend id.
    public var id: String
    /// Rooms at once at most.
    public var capacity: Int

    /// Makes a candidate.
    public init(id: String, capacity: Int) {
        self.id = id
        self.capacity = capacity
    }
}

/// A room in the queue with an agent who is counted for it but not in it yet.
public struct Promotion: Sendable, Hashable {
    /// The room as it was while waiting.
    public var session: RoomSession
    /// The agent's backend id.
    public var agent: String

    /// Makes a promotion.
    public init(session: RoomSession, agent: String) {
        self.session = session
        self.agent = agent
    }
}
