import ChatBackend

/// `client_connect`: starts or resumes a customer's group with a department, in one call, and always routes.
public struct StartSession: Sendable {
    private let services: Services

    /// Makes the operation.
    public init(_ services: Services) { self.services = services }

    /// What the caller asks for.
    public struct Request: Sendable {
        /// Named by `api_key`.
        public var tenant: Tenant
        /// Asked for, or the tenant's default.
        public var department: Department
        /// Name and signature.
        public var claim: IdentityClaim
        /// From `Authorization`: proves whose rooms may be resumed.
        public var chatToken: String?
        /// The room that the caller would like to resume.
        public var groupID: String?
        /// `REMOTE_ADDR`.
        public var address: String
        /// Two calls with the same seed are the same guest; nil for a guest whom no other call is.
        public var guestSeed: String?

        /// Makes a request.
        public init(
            tenant: Tenant, department: Department, claim: IdentityClaim = IdentityClaim(), chatToken: String? = nil,
            groupID: String? = nil, address: String = ""
        ) {
            self.tenant = tenant
            self.department = department
            self.claim = claim
            self.chatToken = chatToken
            self.groupID = groupID
            self.address = address
        }
    }

    /// Runs it. A resume costs two round trips to the store and no call of the chat server.
    ///
    /// - Throws: `CustomersError`, `StoreError`, `ChatBackendError`.
    public func callAsFunction(_ request: Request) async throws -> SessionAnswer {
        let claimed = try request.claim.customer(of: request.tenant, now: services.now() / 1_000)
        let limits = CallLimits(services: services)
        let proven = try await holder(of: request, limits)
        let counted = counted(claimed, proven)
        async let admitted: Void = limits.admit(counted, of: request.tenant.id, from: request.address)
        let caller = try await recognise(request, claimed: claimed, proven: proven)
        async let kept: Void = services.keepToken(of: caller.found)
        try await admitted
        if let answer = try await resume(caller.found, request) {
            await kept
            return answer
        }
        let customer = caller.customer
        let department = request.department
        let opening = Opening(
            group: services.naming.groupName(department: department, customer: customer), of: customer,
            with: department.id)
        return try await SingleFlight(services: services).run(for: customer.stored, opening: opening) {
            try await resume(find(customer.stored, request), request)
        } work: { opening in
            async let noted: Void = counted == .nobody ? limits.note(customer.stored) : ()
            let answer = try await services.inTurn(counted == .nobody ? .anonymousStart : .knownStart) {
                try await RestoreAccount(services: services)(of: customer.stored) {
                    try await open(customer, request, &opening)
                }
            }
            await noted
            return answer
        }
    }

    // MARK: How often

    /// Whose chat token came along. Looking it up is counted.
    private func holder(of request: Request, _ limits: CallLimits) async throws -> CustomerHash? {
        guard request.chatToken != nil else { return nil }
        async let admitted: Void = limits.admitHolder(from: request.address)
        let owner = try await owner(of: request)
        try await admitted
        return owner
    }

    /// A token counts for the call only if it is its owner who is served: with another name in it, anybody may be.
    private func counted(_ claimed: CustomerKey?, _ proven: CustomerHash?) -> CallLimits.Caller {
        if let claimed, claimed.trust == .verified { return .signed(claimed.stored) }
        guard let proven, claimed == nil || claimed?.stored == proven else { return .nobody }
        return .holder(proven)
    }

    // MARK: Who is it

    /// The customer whom the caller proves to be, by a signed name or else by a live chat token of the tenant; nil for
    /// somebody who proves nothing.
    ///
    /// - Throws: `CustomersError`, `StoreError`.
    public func proof(of request: Request) async throws -> CustomerHash? {
        let claimed = try request.claim.customer(of: request.tenant, now: services.now() / 1_000)
        if let claimed, claimed.trust == .verified { return claimed.stored }
        return try await owner(of: request)
    }

    private struct Caller {
        var customer: CustomerKey
        var found: FoundCustomer?
    }

    /// A name that the tenant's policy believes says who it is, else a live chat token; everybody else is a new guest.
    /// A token also opens the room it belongs to for a caller who gives another name.
    private func recognise(
        _ request: Request, claimed: CustomerKey?, proven: CustomerHash?
    ) async throws -> Caller {
        if let claimed {
            if let proven, proven != claimed.stored, let rid = request.groupID,
                let found = try await services.customers.find(proven, slot: nil, rid: rid), found.session != nil
            {
                return Caller(customer: found.record.key, found: found)
            }
            return Caller(customer: claimed, found: try await find(claimed.stored, request))
        }
        if let proven, let found = try await find(proven, request) {
            return Caller(customer: found.record.key, found: found)
        }
        let name = request.guestSeed.map { GuestName.make(from: $0) } ?? GuestName.make()
        let guest = CustomerKey(tenant: request.tenant.id, trust: .guest, name: name)
        // Only a call that is run again can have left something.
        return Caller(customer: guest, found: request.guestSeed == nil ? nil : try await find(guest.stored, request))
    }

    private func owner(of request: Request) async throws -> CustomerHash? {
        guard let token = request.chatToken,
            let owner = try await services.customers.owner(ofToken: ChatTokenDigest(token).text),
            owner.isLive, owner.customer.tenant == request.tenant.id
        else { return nil }
        return owner.customer
    }

    private func find(_ customer: CustomerHash, _ request: Request) async throws -> FoundCustomer? {
        try await services.customers.find(customer, slot: .department(request.department.id), rid: request.groupID)
    }

    // MARK: Resume

    private func resume(_ found: FoundCustomer?, _ request: Request) async throws -> SessionAnswer? {
        guard let found, var stored = found.session, stored.session.state.isOpen else { return nil }
        let tenant = request.tenant
        let department = tenant.department(stored.session.department) ?? request.department
        guard let signedIn = try await CustomerSignIn(services: services).tokenIfAccepted(for: found.record) else {
            return nil
        }
        if stored.session.state == .waiting {
            await ServeQueue(services)(tenant: tenant, department: department)
            stored = try await services.rooms.find(stored.session.rid, tenant: tenant.id) ?? stored
        }
        return SessionAnswer(signedIn, stored, settings: department.settings, isResumed: true)
    }

    // MARK: Open

    /// Opens the room, or takes the one that is there. The customer's lock is held.
    func open(_ customer: CustomerKey, _ request: Request, _ opening: inout Opening?) async throws -> SessionAnswer {
        let (tenant, department) = (request.tenant, request.department)
        let signIn = CustomerSignIn(services: services)
        let found = try await withoutClosing(find(customer.stored, request), customer, request)
        if let found, let stored = found.session, stored.session.state.isOpen {
            return try await rejoin(stored, found.record, settings: department.settings)
        }
        async let rosterNow = services.agents.roster(of: tenant)
        let record = try await signIn.record(for: customer, known: found?.record, &opening)
        let roster = try await rosterNow
        let router = AgentRouter(services: services)
        var route = try await router.route(
            customer.stored, tenant: tenant, department: department, roster: roster,
            lastAgent: found?.lastAgent ?? "")
        var owed = route.agent
        do {
            async let token = signIn.token(for: record)
            let group = NewGroup(
                name: services.naming.groupName(department: department, customer: customer),
                topic: AccountNaming.displayName(department: department, customer: customer.name),
                members: [record.username] + roster.agents.filter { $0.id == route.agent }.map(\.username))
            let room = try await opening.making(isRoom: true) { try await services.chat.openGroup(group) }
            let signedIn = try await token
            if !room.isNew {
                route = try await TakenRoom(services: services).settle(
                    room.id, of: customer.stored, account: record.accountID, route: route, roster: roster)
                owed = route.agent
            }
            let session = RoomSession(
                rid: room.id, kind: .group, customer: customer.stored, department: department.id, agent: route.agent,
                state: route.state, groupName: group.topic, opened: services.now())
            // First: a room that is found without its customer could not be resumed.
            try await signIn.store(signedIn)
            var stored = try await services.rooms.open(session)
            owed = ""
            if route.state == .waiting, !router.available(in: department, roster: roster).isEmpty {
                // Somebody may be free for the first in the queue, and that may be this customer.
                await ServeQueue(services)(tenant: tenant, department: department)
                stored = try await services.rooms.find(room.id, tenant: tenant.id) ?? stored
            }
            return SessionAnswer(signedIn, stored, settings: department.settings, isResumed: !room.isNew)
        } catch {
            // Who may be in a room that nobody has recorded stays counted until the sweep has looked.
            if opening?.mayHaveRoom != true { await services.giveBack(owed, of: customer.stored) }
            throw error
        }
    }

    /// The answer of a room whose customer could not be signed in, once they can: they may have another account now.
    private func rejoin(
        _ stored: StoredSession, _ record: CustomerRecord, settings: ClientSettings
    ) async throws -> SessionAnswer {
        let signedIn = try await CustomerSignIn(services: services).storedToken(for: record)
        let rid = stored.session.rid
        if try await !services.chat.members(ofGroup: rid).contains(record.accountID) {
            try await services.chat.addMember(record.accountID, toGroup: rid)
        }
        return SessionAnswer(signedIn, stored, settings: settings, isResumed: true)
    }

    /// The same once a close that was cut short is finished: its room still has the name that the new one needs.
    private func withoutClosing(
        _ found: FoundCustomer?, _ customer: CustomerKey, _ request: Request
    ) async throws -> FoundCustomer? {
        guard let session = found?.session?.session, session.state == .closing else { return found }
        try await CloseSession(services).finish(session, tenant: request.tenant, signsOut: false)
        return try await find(customer.stored, request)
    }
}

extension Services {
    /// Frees a slot that was taken for a room which did not come to be.
    func giveBack(_ agent: String, of customer: CustomerHash) async {
        guard !agent.isEmpty else { return }
        await attempt("give an agent's slot back") { try await rooms.release(agent, for: customer) }
    }
}
