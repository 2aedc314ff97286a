public import Customers
import RedisClient

/// What is known of a room's transfers: `cg:{T}:log:<rid>`, and the `visitor:<agent>` fields of the room.
extension RedisRoomSessionStore {
    private static let logTransfer = RedisScript(rooms: "log_transfer", PackageResources.log_transfer_lua)
    private static let noteVisitor = RedisScript(rooms: "note_visitor", PackageResources.note_visitor_lua)

    /// See `RoomSessionStore.log(_:of:tenant:)`.
    public func log(_ record: TransferRecord, of rid: String, tenant: TenantID) async throws {
        let words = [
            record.reason.rawValue, record.fromAgent, record.fromDepartment.text, record.toAgent,
            record.toDepartment.text, record.outcome,
        ]
        _ = try await redis.run(
            Self.logTransfer, [Keys(tenant).log(rid)],
            [
                .string(words.joined(separator: "\t")), .int(TransferRecord.kept), .int(TimeToLive.state),
            ])
    }

    /// See `RoomSessionStore.transfers(of:tenant:)`.
    public func transfers(of rid: String, tenant: TenantID) async throws -> [TransferRecord] {
        let reply = try await redis.send(["LRANGE", .string(Keys(tenant).log(rid)), 0, -1])
        guard let entries = reply.array else { throw StoreError.unreadable("a transfer log") }
        return entries.compactMap { entry in
            let words = (entry.text ?? "").split(separator: "\t", maxSplits: 6, omittingEmptySubsequences: false)
            guard words.count == 7, let time = Int64(words[0]), let reason = TransferReason(rawValue: String(words[1])),
                let from = DepartmentID(words[3]), let to = DepartmentID(words[5])
            else { return nil }
            return TransferRecord(
                at: time, reason: reason, fromAgent: String(words[2]), fromDepartment: from, toAgent: String(words[4]),
                toDepartment: to, outcome: String(words[6]))
        }
    }

    /// See `RoomSessionStore.noteVisitor(_:isIn:rid:tenant:)`.
    public func noteVisitor(_ agent: String, isIn: Bool, rid: String, tenant: TenantID) async throws {
        _ = try await redis.run(
            Self.noteVisitor, [Keys(tenant).room(rid)], [.string(agent), isIn ? "1" : "0", .string(rid)])
    }
}
