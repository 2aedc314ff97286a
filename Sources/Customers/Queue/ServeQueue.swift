import ChatBackend
import Logging

/// Gives waiting customers to agents who have become free, first come, first served.
public struct ServeQueue: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// At most so many rooms in one go, so that a call that happens to start it is not held up for long.
    private static let batch = 20

    /// Serves a department's queue until it is empty or nobody is free. Failures are logged; the next round tries
    /// again.
    public func callAsFunction(tenant: Tenant, department: Department) async {
        await services.attempt("serve the queue of \(department.id)") {
            guard try await !services.rooms.waiting(in: [department.id], tenant: tenant.id).isEmpty else { return }
            let roster = try await services.agents.roster(of: tenant)
            let candidates = AgentRouter(services: services).available(in: department, roster: roster)
            guard !candidates.isEmpty else { return }
            for _ in 0..<Self.batch {
                guard
                    let promotion = try await services.rooms.promoteNext(
                        in: department.id, tenant: tenant.id, candidates: candidates,
                        policy: tenant.routing)
                else { return }
                guard try await carryOut(promotion, roster: roster) else { return }
            }
        }
    }

    /// Serves all queues of a tenant, beginning with this department's: an agent who has become free may serve several.
    func all(of tenant: Tenant, first: DepartmentID) async {
        await services.attempt("look at the queues of \(tenant.id)") {
            let departments = tenant.departments + [tenant.everyone]
            let waiting = try await services.rooms.waiting(in: departments.map(\.id), tenant: tenant.id)
            for id in waiting.filter({ $0 == first }) + waiting.filter({ $0 != first }) {
                guard let department = tenant.department(id) else { continue }
                await self(tenant: tenant, department: department)
            }
        }
    }

    /// - Returns: whether it makes sense to go on with the next.
    private func carryOut(_ promotion: Promotion, roster: AgentRoster) async throws -> Bool {
        async let _: Void = services.everySecond("keep a promotion up") {
            try await services.rooms.keepUp(promotion)
        }
        do {
            guard let agent = roster.agent(promotion.agent) else { throw CustomersError.noAgent }
            _ = try await HandOver(services: services, reason: .queue)(
                promotion.session, to: agent, as: promotion.session)
            return true
        } catch {
            let isRoomsFault = Self.isAboutTheRoom(error)
            services.logger.warning(
                "a waiting room could not be given to an agent",
                metadata: ["rid": "\(promotion.session.rid)", "error": "\(error)"])
            try await services.rooms.undo(promotion, toEnd: isRoomsFault)
            return isRoomsFault
        }
    }

    /// Whether the next room may fare better. Otherwise the chat server or the store is in trouble, and all wait for
    /// it.
    static func isAboutTheRoom(_ error: any Error) -> Bool {
        switch error {
        case let error as ChatBackendError:
            switch error {
            case .refused, .notFound, .alreadyExists, .contract, .invalidCursor: true
            case .rateLimited, .unavailable, .timedOut, .cancelled: false
            }
        case is CustomersError: true
        default: false
        }
    }
}
