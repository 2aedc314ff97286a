import ChatBackend
import Logging

/// Gives a group whose agent is lost to another one of its department, else back to the head of the queue. The
/// customer's lock is held.
struct FindAnotherAgent {
    let services: Services
    let reason: TransferReason
    /// Whether the former agent is in the room still; they stay there until another one has it.
    var isInRoom = true

    /// Runs it. A chat server that refuses leaves everything as it was.
    ///
    /// - Returns: the department whose queue the room went to.
    func callAsFunction(
        for session: RoomSession, tenant: Tenant, roster: AgentRoster
    ) async throws -> DepartmentID? {
        let department = tenant.department(session.department) ?? tenant.everyone
        let router = AgentRouter(services: services)
        let candidates = router.available(in: department, roster: roster, excluding: session.agent)
        // Where somebody waits, the room comes before them, but behind those who came back before it: the queue has the
        // order.
        let queue = tenant.whenOffline == .queue ? department.id : nil
        if let taken = try await router.take(
            candidates, for: session.customer, tenant: tenant, behindQueueOf: queue)
        {
            do {
                guard let agent = roster.agent(taken) else { throw CustomersError.noAgent }
                _ = try await HandOver(services: services, reason: reason)(session, to: agent, as: session)
                log("a room has another agent", session, agent: taken)
            } catch {
                await services.giveBack(taken, of: session.customer)
                guard error is ChatBackendError || error is CustomersError else { throw error }
                log("a room could not be given to another agent", session, agent: taken, error: error)
            }
            return nil
        }
        // Better the same agent once more than nobody.
        if !isInRoom, let agent = roster.agent(session.agent), roster.isAvailable(agent) {
            _ = try await HandOver(services: services, reason: reason)(session, to: agent, as: session)
            log("a room has its agent again", session, agent: agent.id)
            return nil
        }
        // Where offline agents take rooms, one who is offline is as good as the queue, as long as they are in the room.
        guard tenant.whenOffline == .queue || !isInRoom else { return nil }
        guard try await services.rooms.returnToQueue(session, keepingAgent: isInRoom) != nil else { return nil }
        await services.record(reason, from: session, to: session, outcome: TransferRecord.queued)
        log("a room is back at the head of the queue", session, agent: session.agent)
        return department.id
    }

    private func log(_ text: String, _ session: RoomSession, agent: String, error: (any Error)? = nil) {
        var metadata: Logger.Metadata = [
            "tenant": "\(session.customer.tenant)", "rid": "\(session.rid)", "agent": "\(agent)",
            "why": "\(reason.rawValue)",
        ]
        if let error { metadata["error"] = "\(error)" }
        services.logger.log(level: error == nil ? .notice : .warning, "\(text)", metadata: metadata)
    }
}
