import ChatBackend
import Logging

/// `connect`: the tenant's own server vouches for a customer, who gets a direct room with an agent.
public struct ConnectDirectly: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// Runs it. The same name again gets the same account, and the same room while it is open.
    ///
    /// - Throws: `CustomersError`, `StoreError`, `ChatBackendError`.
    public func callAsFunction(tenant: Tenant, name: String) async throws -> SessionAnswer {
        guard let name = CustomerName(name) else { throw CustomersError.invalid(["name": IdentityClaim.nameRule]) }
        let customer = CustomerKey(tenant: tenant.id, trust: .verified, name: name)
        if let answer = try await resume(customer, tenant, mayReplace: true) { return answer }
        let opening = Opening(directRoomOf: customer.stored, key: customer)
        return try await SingleFlight(services: services).run(for: customer.stored, opening: opening) {
            try await resume(customer, tenant, mayReplace: false)
        } work: { opening in
            try await services.inTurn(.knownStart) {
                try await RestoreAccount(services: services)(of: customer.stored) {
                    try await open(customer, tenant, &opening)
                }
            }
        }
    }

    /// `mayReplace` only while the customer's lock is not held: replacing takes it.
    private func resume(
        _ customer: CustomerKey, _ tenant: Tenant, mayReplace: Bool
    ) async throws -> SessionAnswer? {
        guard let found = try await services.customers.find(customer.stored, slot: .direct, rid: nil),
            var stored = found.session, stored.session.state.isOpen
        else { return nil }
        async let kept: Void = services.keepToken(of: found)
        if mayReplace { stored = try await withPresentAgent(stored, tenant) }
        guard let signedIn = try await CustomerSignIn(services: services).tokenIfAccepted(for: found.record) else {
            return nil
        }
        await kept
        return SessionAnswer(signedIn, stored, settings: tenant.settings, isResumed: true)
    }

    /// The room, or its successor with another agent when its own has been away for longer than `reassign_after`.
    ///
    /// A direct room cannot change its members, and a client that is not told writes on into the old one. So the room
    /// is replaced only here, where the answer tells the client.
    private func withPresentAgent(_ stored: StoredSession, _ tenant: Tenant) async throws -> StoredSession {
        let session = stored.session
        guard tenant.reassignAfter > 0, !session.agent.isEmpty,
            let absence = try await services.absences.absence(of: session.agent, tenant: tenant.id),
            absence >= Int64(tenant.reassignAfter) * 1_000
        else { return stored }
        do {
            let answer = try await TransferSession(services, reason: .reassign)(
                tenant: tenant, caller: .tenant(tenant.id), rid: session.rid, to: .anotherAgent)
            return StoredSession(session: answer.session, place: answer.wait)
        } catch {
            // Nobody else is there, or the chat server is in trouble: the room is as good as it was. Or another call
            // was first.
            services.logger.debug(
                "a direct room keeps its agent, who is away",
                metadata: ["rid": "\(session.rid)", "error": "\(error)"])
            let found = try await services.customers.find(session.customer, slot: .direct, rid: nil)?.session
            return found.flatMap { $0.session.state.isOpen ? $0 : nil } ?? stored
        }
    }

    private func open(
        _ customer: CustomerKey, _ tenant: Tenant, _ opening: inout Opening?
    ) async throws -> SessionAnswer {
        let signIn = CustomerSignIn(services: services)
        let found = try await services.customers.find(customer.stored, slot: .direct, rid: nil)
        if let session = found?.session?.session, session.state == .closing {
            try await CloseSession(services).finish(session, tenant: tenant, signsOut: false)
        }
        async let rosterNow = services.agents.roster(of: tenant)
        let record = try await signIn.record(for: customer, known: found?.record, &opening)
        async let token = signIn.token(for: record)
        let roster = try await rosterNow
        let signedIn = try await token
        let route = try await AgentRouter(services: services).routeDirect(
            customer.stored, tenant: tenant, roster: roster, lastAgent: found?.lastAgent ?? "")
        var owed = route.agent
        do {
            guard let agent = roster.agent(route.agent) else { throw CustomersError.noAgent }
            let room = try await opening.making(isRoom: true) {
                try await services.chat.openDirectRoom(
                    customer: record.account, credential: signedIn.credential, agent: agent)
            }
            let session = RoomSession(
                rid: room.id, kind: .direct, customer: customer.stored, department: .zero, agent: route.agent,
                state: route.state,
                groupName: AccountNaming.displayName(department: tenant.everyone, customer: customer.name),
                opened: services.now())
            if let former = found?.session?.session, former.state.isOpen, former.rid != room.id {
                try await leave(former)
            }
            // First: a room that is found without its customer could not be resumed.
            try await signIn.store(signedIn)
            let stored = try await services.rooms.open(session)
            owed = ""
            return SessionAnswer(signedIn, stored, settings: tenant.settings, isResumed: false)
        } catch {
            // Who may be in a room that nobody has recorded stays counted until the sweep has looked.
            if opening?.mayHaveRoom != true { await services.giveBack(owed, of: customer.stored) }
            throw error
        }
    }

    /// The customer has another account, which can never be in the direct room of the old one. It stays with the agent,
    /// who may read it there.
    private func leave(_ former: RoomSession) async throws {
        let tenant = former.customer.tenant
        guard let closing = try await services.rooms.beginClose(former.rid, tenant: tenant) else { return }
        try await services.rooms.finishClose(closing, archived: false)
    }
}
