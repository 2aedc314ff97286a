/// Why a room goes from one agent to another.
public enum TransferReason: String, Sendable, CaseIterable {
    /// Somebody asked for it.
    case transfer
    /// It waited, and an agent became free.
    case queue
    /// Its agent was away for longer than `reassign_after`.
    case reassign
    /// What we had noted and what the chat server has were not the same.
    case reconcile
}

/// An entry of a room's transfer log.
public struct TransferRecord: Sendable, Hashable {
    /// Unix milliseconds, the store's.
    public var at: Int64
    /// Why.
    public var reason: TransferReason
    /// The backend id of the agent who had the room, or "".
    public var fromAgent: String
    /// Where it was.
    public var fromDepartment: DepartmentID
    /// The agent for whom it was meant; "" for the queue.
    public var toAgent: String
    /// Where it was to go.
    public var toDepartment: DepartmentID
    /// ``done``, ``queued``, or what went wrong; then nothing was changed.
    public var outcome: String

    /// The agent has the room.
    public static let done = "done"
    /// It waits; the former agent, if there is one, stays until another one comes.
    public static let queued = "queued"
    /// Entries that are kept of a room, the newest.
    public static let kept = 50

    /// Makes an entry; the store gives it its time.
    public init(
        at: Int64 = 0, reason: TransferReason, fromAgent: String, fromDepartment: DepartmentID, toAgent: String,
        toDepartment: DepartmentID, outcome: String
    ) {
        self.at = at
        self.reason = reason
        self.fromAgent = fromAgent
        self.fromDepartment = fromDepartment
        self.toAgent = toAgent
        self.toDepartment = toDepartment
        self.outcome = outcome
    }
}

extension Services {
    /// Writes a room's transfer log, under the id that the room has now. A failure is logged and changes nothing else.
    func record(
        _ reason: TransferReason, from former: RoomSession, to session: RoomSession, outcome: String
    ) async {
        tally(.transfer(reason, isDone: outcome == TransferRecord.done || outcome == TransferRecord.queued))
        let line = outcome.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(200)
        let isQueued = outcome == TransferRecord.queued
        await attempt("write the transfer log") {
            try await rooms.log(
                TransferRecord(
                    reason: reason, fromAgent: former.agent, fromDepartment: former.department,
                    toAgent: isQueued ? "" : session.agent, toDepartment: session.department,
                    outcome: line.split(separator: "\t").joined(separator: " ")),
                of: session.rid, tenant: session.customer.tenant)
        }
    }
}
