import ChatBackend
import Logging

/// Compares what we have noted with itself and with the chat server's rooms, and puts right what is not so: once a
/// minute, by one gateway of the fleet, some rooms at a time.
///
/// A room is looked at under its customer's lock; one that a call has in hand, or into which an agent is on the way, is
/// left for the next time. The members of direct rooms cannot be asked for, and cannot change.
public struct ReconcileTenant: Sendable {
    private let services: Services
    private let store: any ReconcileStore

    /// Makes the operation.
    public init(_ services: Services, store: any ReconcileStore) {
        self.services = services
        self.store = store
    }

    /// Rooms in one turn, about.
    private static let batch = 100
    /// A turn ends well before the next one begins.
    private static let patience: Int64 = 30_000

    /// Runs a round. Failures are logged; what was not looked at is in a later one.
    public func callAsFunction(_ tenant: Tenant) async {
        await services.turn("a reconciliation", of: tenant) {
            let departments = (tenant.departments + [tenant.everyone]).map(\.id)
            guard let turn = try await store.begin(tenant: tenant.id, departments: departments, limit: Self.batch)
            else { return }
            for (repair, count) in turn.repairs where count > 0 { note(repair, tenant: tenant.id, count: count) }
            let end = services.now() + Self.patience
            for rid in turn.rooms {
                guard !Task.isCancelled, services.now() < end else { return }
                guard try await look(at: rid, tenant: tenant) else { return }
            }
        }
    }

    /// - Returns: whether it makes sense to go on with the next.
    private func look(at rid: String, tenant: Tenant) async throws -> Bool {
        guard let session = try await services.rooms.find(rid, tenant: tenant.id)?.session else {
            _ = try await store.settle(rid, tenant: tenant.id)
            return true
        }
        do {
            let freed = try await SingleFlight(services: services).runIfFree(for: session.customer) {
                try await reconcile(rid, tenant: tenant)
            }
            if let freed, let department = freed { await ServeQueue(services).all(of: tenant, first: department) }
            return true
        } catch {
            guard error is ChatBackendError || error is CustomersError else { throw error }
            services.logger.warning("a room could not be reconciled", metadata: ["rid": "\(rid)", "error": "\(error)"])
            return ServeQueue.isAboutTheRoom(error)
        }
    }

    /// - Returns: the department whose queue has something to be served, or whose agent is free.
    private func reconcile(_ rid: String, tenant: Tenant) async throws -> DepartmentID? {
        let settled = try await store.settle(rid, tenant: tenant.id)
        for repair in settled.repairs { note(repair, tenant: tenant.id, rid: rid) }
        guard let session = try await services.rooms.find(rid, tenant: tenant.id)?.session, session.state.isOpen,
            session.kind == .group, !settled.isPromoting
        else { return nil }
        guard let members = try await members(of: session) else { return try await end(session, tenant: tenant) }
        try await takeOut(settled.visitors, members: members, session)
        try await bringBack(session, members: members)
        guard !session.agent.isEmpty, !members.contains(session.agent) else { return nil }
        note(.agent, tenant: tenant.id, rid: rid)
        guard session.state != .waiting else {
            _ = try await services.rooms.returnToQueue(session, keepingAgent: false)
            return session.department
        }
        let roster = try await services.agents.roster(of: tenant)
        let queue = try await FindAnotherAgent(services: services, reason: .reconcile, isInRoom: false)(
            for: session, tenant: tenant, roster: roster)
        return queue ?? session.department
    }

    /// The user ids in a room; nil when the gateway's account does not see it.
    private func members(of session: RoomSession) async throws -> Set<String>? {
        do {
            return Set(try await services.chat.members(ofGroup: session.rid))
        } catch ChatBackendError.notFound {
            return nil
        }
    }

    /// A room that is gone cannot be resumed: its customer's next call opens another one.
    private func end(_ session: RoomSession, tenant: Tenant) async throws -> DepartmentID? {
        // A server that answers strange things to everybody has not lost this room; nor has one that only shut our own
        // account out.
        try await services.chat.health()
        let isThere = try await ReadHistory(services).isThere(session)
        guard !isThere else {
            services.logger.warning(
                "the gateway's account is not in a room any more; invite it again",
                metadata: ["tenant": "\(tenant.id)", "rid": "\(session.rid)"])
            return nil
        }
        guard let closing = try await services.rooms.beginClose(session.rid, tenant: tenant.id) else { return nil }
        try await services.rooms.finishClose(closing, archived: false)
        note(.room, tenant: tenant.id, rid: session.rid)
        return session.department
    }

    private func takeOut(_ visitors: [String], members: Set<String>, _ session: RoomSession) async throws {
        for visitor in visitors {
            if visitor != session.agent, members.contains(visitor) {
                try await services.chat.removeMember(visitor, fromGroup: session.rid)
                note(.visitor, tenant: session.customer.tenant, rid: session.rid)
            }
            try await services.rooms.noteVisitor(
                visitor, isIn: false, rid: session.rid, tenant: session.customer.tenant)
        }
    }

    private func bringBack(_ session: RoomSession, members: Set<String>) async throws {
        guard let found = try await services.customers.find(session.customer, slot: nil, rid: nil),
            !members.contains(found.record.accountID)
        else { return }
        do {
            try await services.chat.addMember(found.record.accountID, toGroup: session.rid)
        } catch  where RestoreAccount.maySayThatItIsGone(error) {
            guard let other = try await RestoreAccount(services: services).another(for: found.record) else {
                throw error
            }
            try await services.chat.addMember(other.accountID, toGroup: session.rid)
        }
        note(.customer, tenant: session.customer.tenant, rid: session.rid)
    }

    private func note(_ repair: Repair, tenant: TenantID, rid: String? = nil, count: Int = 1) {
        var metadata: Logger.Metadata = ["tenant": "\(tenant)", "what": "\(repair.rawValue)"]
        if let rid { metadata["rid"] = "\(rid)" } else { metadata["count"] = "\(count)" }
        services.logger.notice("repaired", metadata: metadata)
        services.tally(.repair(repair, count: count))
    }
}
