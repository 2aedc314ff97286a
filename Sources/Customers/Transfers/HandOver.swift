import ChatBackend

/// Gives a room to an agent who was taken for it: adds the new agent, verifies, then lets the former one go.
///
/// At every moment at least one agent can read the customer (DESIGN.md section 2, transfer).
struct HandOver {
    let services: Services
    /// For the room's transfer log.
    var reason = TransferReason.transfer

    /// Runs it.
    ///
    /// - Parameters:
    ///   - former: the room as it is.
    ///   - agent: counted for the room already; stays counted only when this returns.
    ///   - updated: the room as it will be, apart from its agent and, for a direct room, its id.
    ///   - department: where the room goes, when it has to be renamed for that.
    /// - Returns: the room as it is now.
    /// - Throws: what the chat server or the store says, with the new agent out of the room again as far as that is
    ///   possible; ``CustomersError/conflict(_:)`` when the room was closed or handed over meanwhile.
    func callAsFunction(
        _ former: RoomSession, to agent: AgentPresence, as updated: RoomSession,
        renamedFor department: Department? = nil
    ) async throws -> RoomSession {
        var session = updated
        session.agent = agent.id
        session.state = agent.status == .online ? .assigned : .offline
        do {
            switch former.kind {
            case .group: try await inGroup(former, session, department)
            case .direct: try await inNewRoom(former, &session, agent: agent)
            }
        } catch {
            await services.record(reason, from: former, to: session, outcome: "\(error)")
            throw error
        }
        await services.record(reason, from: former, to: session, outcome: TransferRecord.done)
        return session
    }

    private func inGroup(_ former: RoomSession, _ session: RoomSession, _ department: Department?) async throws {
        do {
            // Should we die on the way, whoever finds this takes them out again.
            try await note(session.agent, isIn: true, session)
            try await services.chat.addMember(session.agent, toGroup: session.rid)
            guard try await services.chat.members(ofGroup: session.rid).contains(session.agent) else {
                throw ChatBackendError.contract("the agent was added but is not a member")
            }
            guard try await services.rooms.assign(session, from: former) else {
                throw CustomersError.conflict("the room changed meanwhile")
            }
        } catch {
            await takeOut(session, former, mayComeYet: (error as? ChatBackendError)?.mayBeRunning ?? false)
            throw error
        }
        if !former.agent.isEmpty, former.agent != session.agent {
            await services.attempt("take the former agent out") {
                try await services.chat.removeMember(former.agent, fromGroup: session.rid)
                try await note(former.agent, isIn: false, session)
            }
        }
        if let department, former.groupName != session.groupName {
            await RenameGroup(services: services)(session, department: department)
        }
    }

    /// Takes the new agent out again, unless the room is theirs: another call may have handed it to the same agent.
    ///
    /// While the chat server may yet be at work on adding them, they remain a visitor: the reconciliation looks.
    private func takeOut(_ session: RoomSession, _ former: RoomSession, mayComeYet: Bool) async {
        guard former.agent != session.agent else { return }
        await services.attempt("take the new agent out again") {
            let now = try await services.rooms.find(session.rid, tenant: session.customer.tenant)?.session
            guard now?.agent != session.agent else { return }
            do {
                try await services.chat.removeMember(session.agent, fromGroup: session.rid)
                if mayComeYet { return }
            } catch ChatBackendError.notFound {
                // Closed meanwhile: the room is gone, and so is everybody who was in it.
            }
            try await note(session.agent, isIn: false, session)
        }
    }

    private func note(_ agent: String, isIn: Bool, _ session: RoomSession) async throws {
        try await services.rooms.noteVisitor(agent, isIn: isIn, rid: session.rid, tenant: session.customer.tenant)
    }

    private func inNewRoom(_ former: RoomSession, _ session: inout RoomSession, agent: AgentPresence) async throws {
        guard let found = try await services.customers.find(former.customer, slot: nil, rid: nil) else {
            throw CustomersError.notFound
        }
        let signedIn = try await CustomerSignIn(services: services).storedToken(for: found.record)
        let room = try await services.chat.openDirectRoom(
            customer: found.record.account, credential: signedIn.credential, agent: agent)
        session.rid = room.id
        session.previous = former.previous.filter { $0 != room.id } + (former.rid == room.id ? [] : [former.rid])
        guard try await services.rooms.move(former, to: session) else {
            throw CustomersError.conflict("the room changed meanwhile")
        }
    }
}
