import ChatBackend

/// `Transfer`: gives a room to another agent, another department, or another agent of the same department.
public struct TransferSession: Sendable {
    private let services: Services
    private let router: AgentRouter
    private let reason: TransferReason

    /// Makes the operation.
    public init(_ services: Services) { self.init(services, reason: .transfer) }

    /// Makes the operation for somebody who has another reason than that a caller asked for it.
    init(_ services: Services, reason: TransferReason) {
        self.services = services
        self.reason = reason
        router = AgentRouter(services: services)
    }

    /// Where a room shall go.
    public enum Target: Sendable {
        /// This agent (backend id), in the present department or in the one named.
        case agent(String, in: DepartmentID?)
        /// An agent of this department, else its queue while the present agent stays.
        case department(DepartmentID)
        /// Another agent of the present department.
        case anotherAgent
    }

    /// Runs it.
    ///
    /// - Throws: ``CustomersError/notFound`` for a room, agent or department that is not the caller's to name,
    ///   ``CustomersError/conflict(_:)`` with nothing changed when nobody can take the room,
    ///   ``CustomersError/tooManyRequests(retryAfter:)`` likewise when it was moved too often, `StoreError`,
    ///   `ChatBackendError`.
    public func callAsFunction(
        tenant: Tenant, caller: Caller, rid: String, to target: Target
    ) async throws -> SessionAnswer {
        let found = try await services.openRoom(rid, of: caller)
        let opening = found.kind == .direct ? Opening(directRoomOf: found.customer) : nil
        let (answer, left): (SessionAnswer, DepartmentID?) = try await SingleFlight(services: services).run(
            for: found.customer, opening: opening
        ) {
            nil
        } work: { opening in
            let session = try await services.openRoom(rid, of: caller)
            try await services.rooms.touch(session, at: nil)
            let updated = try await services.inTurn(.other) {
                // A direct room is transferred by another one being made.
                opening?.mayHaveLeft = true
                // By its old id a room is transferred by somebody who does not know that it was.
                if session.rid != rid, try isThere(session, target, tenant) { return session }
                return try await transfer(session, tenant: tenant, to: target)
            }
            let isElsewhere = updated.agent != session.agent && !session.agent.isEmpty
            return (try await self.answer(updated, tenant: tenant), isElsewhere ? session.department : nil)
        }
        // The former agent has a free slot now.
        if let left { await ServeQueue(services).all(of: tenant, first: left) }
        return answer
    }

    private func transfer(_ session: RoomSession, tenant: Tenant, to target: Target) async throws -> RoomSession {
        let roster = try await services.agents.roster(of: tenant)
        let here = tenant.department(session.department) ?? tenant.everyone
        switch target {
        case .agent(let id, in: let departmentID):
            return try await toAgent(
                id, tenant: tenant, session: session, department: try department(departmentID, of: tenant) ?? here,
                mustBelong: departmentID != nil, roster: roster)
        case .department(let id):
            guard let there = try department(id, of: tenant) else { throw CustomersError.notFound }
            guard there.id != here.id else {
                // It waits there already, or came a moment ago: the same call again changes nothing.
                if session.state == .waiting { return session }
                if try await hasJustCome(session, to: there) { return session }
                return try await toAnotherAgent(tenant: tenant, session: session, here: here, roster: roster)
            }
            return try await toDepartment(there, from: here, tenant: tenant, session: session, roster: roster)
        case .anotherAgent:
            return try await toAnotherAgent(tenant: tenant, session: session, here: here, roster: roster)
        }
    }

    /// Whether the room is where it shall go. An agent is looked for by ``toAgent``.
    private func isThere(_ session: RoomSession, _ target: Target, _ tenant: Tenant) throws -> Bool {
        switch target {
        case .agent: false
        case .department(let id): try department(id, of: tenant)?.id == session.department
        case .anotherAgent: true
        }
    }

    /// How long ago a call can be that is made once more because nobody heard its answer, in milliseconds.
    private static let retryAge: Int64 = 60_000

    /// Whether the last that happened to the room is that somebody had it transferred to this department.
    private func hasJustCome(_ session: RoomSession, to there: Department) async throws -> Bool {
        guard reason == .transfer,
            let last = try await services.rooms.transfers(of: session.rid, tenant: session.customer.tenant).last
        else { return false }
        return last.reason == .transfer && last.outcome == TransferRecord.done && last.toAgent == session.agent
            && last.toDepartment == there.id && last.fromDepartment != there.id
            && services.now() - last.at < Self.retryAge
    }

    // MARK: The three ways

    private func toAgent(
        _ id: String, tenant: Tenant, session: RoomSession, department: Department, mustBelong: Bool,
        roster: AgentRoster
    ) async throws -> RoomSession {
        guard let agent = roster.agent(id),
            let configured = tenant.agents.first(where: { $0.isSame(as: agent) })
        else { throw CustomersError.notFound }
        if mustBelong, !department.agents.contains(where: { $0.isSame(as: agent) }) {
            throw CustomersError.invalid(["agent_id": "not an agent of this department"])
        }
        if session.agent == id, session.state != .waiting, session.department == department.id {
            return session
        }
        guard agent.status == .online else { throw CustomersError.conflict("the agent is not online") }
        guard !roster.isPaused(agent) else { throw CustomersError.conflict("the agent takes no new customers") }
        guard session.agent != id else {
            // Already in the room, and counted: only the department changes.
            throw CustomersError.conflict("the agent has the room already")
        }
        let candidate = AgentCandidate(id: id, capacity: configured.capacity)
        guard let taken = try await router.take([candidate], for: session.customer, tenant: tenant) else {
            throw CustomersError.conflict("the agent has no room for another customer")
        }
        return try await handOver(session, to: taken, department: department, tenant: tenant, roster: roster)
    }

    private func toDepartment(
        _ there: Department, from here: Department, tenant: Tenant, session: RoomSession, roster: AgentRoster
    ) async throws -> RoomSession {
        let candidates = router.available(in: there, roster: roster, excluding: session.agent)
        if let taken = try await router.take(candidates, for: session.customer, tenant: tenant, behindQueueOf: there.id)
        {
            return try await handOver(session, to: taken, department: there, tenant: tenant, roster: roster)
        }
        let present = roster.agent(session.agent)
        guard there.agents.contains(where: { agent in present.map { !agent.isSame(as: $0) } ?? true }) else {
            throw CustomersError.conflict("the department has no other agents")
        }
        try await CallLimits(services: services).admitTransfer(of: session)
        let waiting = moved(session, to: there, state: .waiting, customer: try await customerName(of: session))
        guard try await services.rooms.enqueue(waiting) != nil else {
            throw CustomersError.conflict("the room changed meanwhile")
        }
        await services.record(reason, from: session, to: waiting, outcome: TransferRecord.queued)
        if session.kind == .group, session.groupName != waiting.groupName {
            await RenameGroup(services: services)(waiting, department: there)
        }
        return waiting
    }

    private func toAnotherAgent(
        tenant: Tenant, session: RoomSession, here: Department, roster: AgentRoster
    ) async throws -> RoomSession {
        let candidates = router.available(in: here, roster: roster, excluding: session.agent)
        // A customer who waits in this department's queue does not overtake the others by asking for "another" agent.
        let queue = session.state == .waiting ? here.id : nil
        guard let taken = try await router.take(candidates, for: session.customer, tenant: tenant, behindQueueOf: queue)
        else {
            throw CustomersError.conflict("no other agent of the department is available")
        }
        return try await handOver(session, to: taken, department: here, tenant: tenant, roster: roster)
    }

    // MARK: Steps

    private func handOver(
        _ session: RoomSession, to agentID: String, department: Department, tenant: Tenant, roster: AgentRoster
    ) async throws -> RoomSession {
        do {
            guard let agent = roster.agent(agentID) else { throw CustomersError.noAgent }
            // What the gateway does by itself is not the caller's to be limited for.
            if reason == .transfer { try await CallLimits(services: services).admitTransfer(of: session) }
            return try await HandOver(services: services, reason: reason)(
                session, to: agent,
                as: moved(session, to: department, state: .assigned, customer: try await customerName(of: session)),
                renamedFor: department)
        } catch {
            // A direct room with them may be there: the sweep looks, and they stay counted until then.
            if session.kind == .group || (error as? ChatBackendError)?.mayHaveRun == false {
                await services.giveBack(agentID, of: session.customer)
            }
            throw error
        }
    }

    private func moved(
        _ session: RoomSession, to department: Department, state: RoomSession.State, customer: CustomerName
    ) -> RoomSession {
        var session = session
        session.department = department.id
        session.state = state
        session.groupName = AccountNaming.displayName(department: department, customer: customer)
        return session
    }

    private func department(_ id: DepartmentID?, of tenant: Tenant) throws -> Department? {
        guard let id else { return nil }
        guard let department = tenant.department(id) else { throw CustomersError.notFound }
        return department
    }

    private func customerName(of session: RoomSession) async throws -> CustomerName {
        guard let found = try await services.customers.find(session.customer, slot: nil, rid: nil) else {
            throw CustomersError.notFound
        }
        return found.record.key.name
    }

    private func answer(_ session: RoomSession, tenant: Tenant) async throws -> SessionAnswer {
        guard let found = try await services.customers.find(session.customer, slot: nil, rid: nil),
            let stored = try await services.rooms.find(session.rid, tenant: tenant.id)
        else { throw CustomersError.notFound }
        let signedIn = try await CustomerSignIn(services: services).storedToken(for: found.record)
        let settings = session.kind == .direct ? tenant.settings : tenant.department(session.department)?.settings
        return SessionAnswer(signedIn, stored, settings: settings ?? tenant.settings, isResumed: true)
    }
}
