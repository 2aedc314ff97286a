import ChatBackend
import Logging

/// `shutdown_service`: removes or archives a room, frees its agent, serves the next in the queue.
public struct CloseSession: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// Runs it. Every step may be done again, and the same caller may close again: what was cut short is finished.
    ///
    /// - Throws: `CustomersError`, `StoreError`, `ChatBackendError`; after those the room is closed for everybody but
    ///   this call again.
    public func callAsFunction(tenant: Tenant, caller: Caller, rid: String) async throws {
        guard let stored = try await services.rooms.find(rid, tenant: tenant.id), stored.session.state != .archived
        else {
            guard let customer = try await services.rooms.closedRoom(rid, tenant: tenant.id),
                caller.mayUse(roomOf: customer)
            else { throw CustomersError.notFound }
            return
        }
        let customer = stored.session.customer
        guard caller.mayUse(roomOf: customer) else { throw CustomersError.notFound }
        let current = try await services.successor(of: stored.session) ?? stored.session
        // A token that was logged out finishes what it began, and touches nothing that was opened since.
        guard caller.isLive || current.state == .closing else { throw CustomersError.notFound }
        let rid = current.rid
        let closed: RoomSession? = try await SingleFlight(services: services).run(for: customer) {
            nil
        } work: { _ in
            guard let session = try await services.rooms.beginClose(rid, tenant: tenant.id) else { return nil }
            try await finish(session, tenant: tenant, signsOut: true)
            return session
        }
        guard let closed, !closed.agent.isEmpty else { return }
        await ServeQueue(services).all(of: tenant, first: closed.department)
    }

    /// Does the rest of a close that has begun. The customer's lock is held.
    ///
    /// - Parameters:
    ///   - session: the room.
    ///   - tenant: whose it is.
    ///   - signsOut: whether the customer's chat token is logged out with their last room.
    ///   - isAgain: whether it was tried before; from then on the agent does not wait for a chat server that does not
    ///     answer.
    /// - Throws: `StoreError`, `ChatBackendError`; the room stays in `closing` then.
    func finish(_ session: RoomSession, tenant: Tenant, signsOut: Bool, isAgain: Bool = false) async throws {
        let archives = tenant.closePolicy == .archive
        do {
            try await remove([session.rid] + session.previous, kind: session.kind, archives: archives)
        } catch {
            // It will be tried again and again; meanwhile others need the agent more than a room that nobody is in. But
            // a server that is only slow may be at work on it: then the agent is in it for a moment yet.
            if isAgain || ServeQueue.isAboutTheRoom(error) {
                await services.attempt("free the agent of a closed room") { try await services.rooms.letGo(session) }
            }
            throw error
        }
        for rid in session.previous {
            guard let former = try await services.rooms.find(rid, tenant: tenant.id) else { continue }
            try await services.rooms.finishClose(former.session, archived: archives)
        }
        // Before the record goes: should it fail, the same call again does it.
        if signsOut { try await signOut(session) }
        try await services.rooms.finishClose(session, archived: archives)
        services.logger.info(
            "room closed", metadata: ["rid": "\(session.rid)", "policy": "\(tenant.closePolicy.rawValue)"])
    }

    private func remove(_ rids: [String], kind: RoomKind, archives: Bool) async throws {
        for rid in rids {
            if archives {
                try await services.chat.archiveRoom(rid, kind: kind)
            } else {
                try await services.chat.removeRoom(rid, kind: kind)
            }
        }
    }

    /// Logs the customer's chat token out unless another room of theirs is open. It stays good for closing the same
    /// again.
    private func signOut(_ session: RoomSession) async throws {
        let customer = session.customer
        guard let found = try await services.customers.find(customer, slot: nil, rid: nil),
            found.openRooms.subtracting([session.rid] + session.previous).isEmpty,
            let token = services.seal.open(found.record.sealedToken, for: customer.hash)
        else { return }
        try await services.customers.retireToken(found.record.tokenDigest, of: customer)
        var record = found.record
        record.sealedToken = []
        record.tokenDigest = ""
        try await services.customers.save(record)
        let credential = CustomerCredential(userID: record.accountID, token: token)
        // The room is gone and our own doors are shut; a chat server that does not answer now cannot undo that.
        await services.attempt("log a chat token out") { try await services.chat.revokeToken(credential) }
    }
}
