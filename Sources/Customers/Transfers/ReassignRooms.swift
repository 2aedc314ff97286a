import ChatBackend
import Logging

/// Gives the groups of agents who have been away for longer than `reassign_after` to somebody else, else back to the
/// head of the queue.
///
/// By one gateway at a time, and each room under its customer's lock. The former agent stays in the room until another
/// one is verified to be there; when they come back first, they have it again. Direct rooms wait for their customer's
/// next call (``ConnectDirectly``). While the chat server does not say who is there, nobody is taken for away.
public struct ReassignRooms: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// Rooms of one agent in one round; the rest is due in the next.
    private static let batch = 20

    /// Runs a round. Failures are logged; the next round tries again.
    ///
    /// - Returns: whether there are agents with rooms who may go, or that cannot be known.
    @discardableResult
    public func callAsFunction(_ tenant: Tenant) async -> Bool {
        guard tenant.reassignAfter > 0 else { return false }
        var turn: AbsenceTurn?
        await services.turn("a round of reassigning", of: tenant) {
            turn = try await services.absences.begin(tenant: tenant.id, interval: Self.interval(of: tenant))
            guard turn == .ours else { return }
            let roster = try await services.agents.roster(of: tenant)
            guard roster.source != .lastSeen else { return }
            let away = try await services.absences.note(
                present: roster.agents.filter { $0.status != .offline }.map(\.id),
                longerThan: Int64(tenant.reassignAfter) * 1_000, tenant: tenant.id)
            var departments: Set<DepartmentID> = []
            for agent in away {
                for rid in try await services.absences.rooms(of: agent, limit: Self.batch, tenant: tenant.id) {
                    guard !Task.isCancelled else { return }
                    if let department = try await replace(agent, of: rid, tenant: tenant, roster: roster) {
                        departments.insert(department)
                    }
                }
            }
            for id in departments {
                guard let department = tenant.department(id) else { continue }
                await ServeQueue(services)(tenant: tenant, department: department)
            }
        }
        return turn != .needless
    }

    /// How often to look, in milliseconds: so that nobody waits much longer than the tenant wants.
    public static func interval(of tenant: Tenant) -> Int64 {
        min(max(Int64(tenant.reassignAfter) * 125, 900), 10_000)
    }

    /// - Returns: the department whose queue the room went to.
    private func replace(
        _ agent: String, of rid: String, tenant: Tenant, roster: AgentRoster
    ) async throws -> DepartmentID? {
        guard let session = try await services.rooms.find(rid, tenant: tenant.id)?.session, session.kind == .group
        else {
            return nil
        }
        let queued = try await SingleFlight(services: services).runIfFree(for: session.customer) {
            guard let session = try await services.rooms.find(rid, tenant: tenant.id)?.session,
                session.agent == agent, session.state == .assigned || session.state == .offline
            else { return nil as DepartmentID? }
            return try await FindAnotherAgent(services: services, reason: .reassign)(
                for: session, tenant: tenant, roster: roster)
        }
        return queued ?? nil
    }
}
