import ChatBackend
import Logging

/// A room that we have noted as open, and that the chat server says is not there: somebody removed it, or Redis forgot
/// in a fail-over that it was closed.
struct GoneRoom {
    let services: Services

    /// Ends the session when the room is gone for certain: the customer's next call opens another room, instead of
    /// resuming this one again and again. Nothing happens while another call has the customer in hand.
    ///
    /// - Throws: `StoreError`, `ChatBackendError` when that could not be found out.
    func end(_ session: RoomSession) async throws {
        let (rid, tenant) = (session.rid, session.customer.tenant)
        _ = try await SingleFlight(services: services).runIfFree(for: session.customer) {
            guard let current = try await services.rooms.find(rid, tenant: tenant)?.session, current.state.isOpen
            else { return }
            // Whom an agent has put out of a room that is there, the reconciliation brings back.
            if current.kind == .group, try await isThere(group: rid) { return }
            // A server that answers strange things to everybody has not lost this room.
            try await services.chat.health()
            guard let closing = try await services.rooms.beginClose(rid, tenant: tenant) else { return }
            try await services.rooms.finishClose(closing, archived: false)
            services.logger.notice(
                "a room is gone from the chat server; its session is ended", metadata: ["rid": "\(rid)"])
        }
    }

    private func isThere(group rid: String) async throws -> Bool {
        do {
            _ = try await services.chat.members(ofGroup: rid)
            return true
        } catch ChatBackendError.notFound {
            return false
        }
    }
}
