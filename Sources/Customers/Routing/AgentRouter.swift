import ChatBackend

/// Finds an agent for a room (DESIGN.md section 2, connect and client_connect).
struct AgentRouter {
    let services: Services

    /// What a new room gets.
    struct Route {
        /// The agent who was taken, or "" for the queue.
        var agent: String
        var state: RoomSession.State
    }

    /// The department's agents who are online and not paused, each with their capacity, in an order that is even
    /// chance.
    func available(
        in department: Department, roster: AgentRoster, excluding agent: String = ""
    ) -> [AgentCandidate] {
        candidates(department.agents, roster: roster) { $0.status == .online && $0.id != agent }
    }

    /// Takes an agent for a group, or sends it to the queue: behind those who wait already, whoever is free.
    ///
    /// `lastAgent` is who had the customer last, for ``RoutingPolicy/sticky``.
    func route(
        _ customer: CustomerHash, tenant: Tenant, department: Department, roster: AgentRoster, lastAgent: String = ""
    ) async throws -> Route {
        let online = prefer(lastAgent, in: available(in: department, roster: roster), tenant)
        if !online.isEmpty {
            let taken = try await take(online, for: customer, tenant: tenant, behindQueueOf: department.id)
            return taken.map { Route(agent: $0, state: .assigned) } ?? Route(agent: "", state: .waiting)
        }
        guard tenant.whenOffline == .assign else { return Route(agent: "", state: .waiting) }
        let offline = prefer(lastAgent, in: candidates(department.agents, roster: roster) { _ in true }, tenant)
        let taken = try await take(offline, for: customer, tenant: tenant, behindQueueOf: department.id)
        return taken.map { Route(agent: $0, state: .offline) } ?? Route(agent: "", state: .waiting)
    }

    /// Takes an agent of any department for a direct room: one who is online, else anyone with a free slot.
    ///
    /// A direct room cannot wait for its agent.
    /// - Throws: ``CustomersError/noAgent`` when all are paused or at capacity.
    func routeDirect(
        _ customer: CustomerHash, tenant: Tenant, roster: AgentRoster, lastAgent: String = ""
    ) async throws -> Route {
        let online = prefer(lastAgent, in: candidates(tenant.agents, roster: roster) { $0.status == .online }, tenant)
        if let agent = try await take(online, for: customer, tenant: tenant) {
            return Route(agent: agent, state: .assigned)
        }
        let others = prefer(lastAgent, in: candidates(tenant.agents, roster: roster) { $0.status != .online }, tenant)
        guard let agent = try await take(others, for: customer, tenant: tenant) else { throw CustomersError.noAgent }
        return Route(agent: agent, state: .offline)
    }

    /// Takes one of the candidates by the tenant's routing policy, for a customer whose lock is held.
    func take(
        _ candidates: [AgentCandidate], for customer: CustomerHash, tenant: Tenant,
        behindQueueOf queue: DepartmentID? = nil
    ) async throws -> String? {
        guard !candidates.isEmpty else { return nil }
        return try await services.rooms.take(
            from: candidates, leastBusy: tenant.routing == .leastBusy, behindQueueOf: queue, for: customer)
    }

    /// Puts the customer's last agent first, when the tenant wants that.
    private func prefer(_ agent: String, in candidates: [AgentCandidate], _ tenant: Tenant) -> [AgentCandidate] {
        guard tenant.routing == .sticky, !agent.isEmpty else { return candidates }
        return candidates.filter { $0.id == agent } + candidates.filter { $0.id != agent }
    }

    /// Nobody who is paused is ever among them.
    private func candidates(
        _ agents: [Agent], roster: AgentRoster, where isFit: (AgentPresence) -> Bool
    ) -> [AgentCandidate] {
        let known = Dictionary(
            roster.agents.map { ($0.username.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        return agents.compactMap { agent in
            guard let presence = known[agent.username.lowercased()], !roster.isPaused(presence), isFit(presence) else {
                return nil
            }
            return AgentCandidate(id: presence.id, capacity: agent.capacity)
        }.shuffled()
    }
}
