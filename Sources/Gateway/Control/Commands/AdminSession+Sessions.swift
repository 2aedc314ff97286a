internal import ChatBackend
internal import Customers
internal import CustomersRedis

extension AdminSession {
    /// Sessions as Redis has them, the oldest first.
    ///
    /// - Parameters:
    ///   - tenant: an id or a name; nil for all.
    ///   - state: `assigned`, `waiting`, `offline`, `closing`, `archived` or `moved`; nil for those that are open.
    ///   - limit: how many for each tenant at most, 1 to 10,000.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func sessions(tenant: String?, state: String?, limit: Int) throws(AdminError) -> Report {
        let wanted = state.flatMap { RoomSession.State(rawValue: $0) }
        guard state == nil || wanted != nil else {
            throw AdminError(.usage, "a state is one of assigned, waiting, offline, closing, archived, moved")
        }
        guard (1...10_000).contains(limit) else { throw AdminError(.usage, "the limit is 1 to 10000") }
        return try onLoop { bench in
            var views: [SessionView] = []
            var isComplete = true
            for tenant in try bench.tenants(tenant) {
                let found = try await bench.inspection.sessions(of: tenant.id, limit: limit) { session in
                    wanted.map { session.state == $0 } ?? session.state.isOpen
                }
                isComplete = isComplete && found.isComplete
                guard !found.sessions.isEmpty else { continue }
                let names = await bench.agentNames(of: tenant)
                views += found.sessions.map { SessionView($0, tenant: tenant, agents: names) }
            }
            views.sort { ($0.opened, $0.rid) < ($1.opened, $1.rid) }
            return SessionView.report(views, isComplete: isComplete)
        }
    }

    /// One session with its customer.
    public func session(_ rid: String, tenant: String?) throws(AdminError) -> Report {
        try onLoop { bench in
            let (tenant, stored) = try await bench.session(rid, tenant: tenant)
            let names = await bench.agentNames(of: tenant)
            var view = SessionView(stored.session, tenant: tenant, agents: names)
            view.place = stored.place > 0 ? stored.place : nil
            let customers = bench.worker.services.customers
            if let found = try await customers.find(stored.session.customer, slot: nil, rid: nil) {
                view.customer = SessionView.Customer(
                    name: found.record.key.name.text, trust: found.record.key.trust.rawValue,
                    userID: found.record.key.userID,
                    chatID: found.record.accountID, chatUsername: found.record.username,
                    openRooms: found.openRooms.count)
            }
            let transfers = try await bench.worker.services.rooms.transfers(of: rid, tenant: tenant.id)
            view.transfers = transfers.map { TransferView($0, tenant: tenant, agents: names) }
            return view.report
        }
    }

    /// Closes a session as `shutdown_service` does: by the tenant's policy the room goes or is archived, the agent is
    /// freed, the next in the queue is served.
    public func closeSession(_ rid: String, tenant: String?) throws(AdminError) -> Report {
        try onLoop { bench in
            let (tenant, stored) = try await bench.session(rid, tenant: tenant)
            try await CloseSession(bench.worker.services)(
                tenant: tenant, caller: .tenant(tenant.id), rid: stored.session.rid)
            let verb = tenant.closePolicy == .archive ? "archived" : "removed"
            return Report(
                "closed; the room was \(verb)", ["rid": rid, "tenant": tenant.id.text, "room": verb])
        }
    }
}

/// A session for people and programs.
private struct SessionView: Encodable {
    struct Customer: Encodable {
        var name: String
        var trust: String
        var userID: String
        var chatID: String
        var chatUsername: String
        var openRooms: Int
    }

    var rid: String
    var tenant: String
    var tenantName: String
    var kind: String
    var state: String
    var agent: String
    var agentName: String?
    var department: String
    var departmentName: String?
    var groupName: String
    var opened: Int64
    var place: Int?
    var customer: Customer?
    /// The oldest first; nil in lists.
    var transfers: [TransferView]?

    init(_ session: RoomSession, tenant: Tenant, agents: [String: String]) {
        rid = session.rid
        self.tenant = tenant.id.text
        tenantName = tenant.name
        kind = session.kind.rawValue
        state = session.state.rawValue
        agent = session.agent
        agentName = agents[session.agent]
        department = session.department.text
        departmentName = tenant.departments.first { $0.id == session.department }?.name
        groupName = session.groupName
        opened = session.opened
    }

    static func report(_ views: [SessionView], isComplete: Bool) -> Report {
        let now = WallClock.milliseconds()
        var table = TextTable("room", "tenant", "state", "kind", "agent", "department", "open for", "name")
        for view in views {
            table.add(
                view.rid, view.tenantName, view.state, view.kind, view.agentName ?? view.agent,
                view.departmentName ?? "-",
                TimeText.age(milliseconds: view.opened, now: now), view.groupName)
        }
        let text = table.text(ifEmpty: "no sessions")
        return Report(
            isComplete ? text : text + "\nthere are more: --limit shows up to 10000, --tenant those of one", views)
    }

    var report: Report {
        var lines = [
            "room        \(rid) (\(kind))", "tenant      \(tenantName) (\(tenant))",
            "state       \(state)" + (place.map { ", place \($0) in the queue" } ?? ""),
            "agent       \(agent.isEmpty ? "none" : agentName.map { "\($0) (\(agent))" } ?? agent)",
            "department  \(departmentName ?? "everyone") (\(department))", "name        \(groupName)",
            "opened      \(TimeText.utc(seconds: opened / 1_000))",
        ]
        if let customer {
            lines += [
                "customer    \(customer.name) (\(customer.trust))", "user_id     \(customer.userID)",
                "chat user   \(customer.chatUsername) (\(customer.chatID))", "open rooms  \(customer.openRooms)",
            ]
        }
        var text = lines.map(TextTable.printable).joined(separator: "\n")
        if let transfers { text += "\n\n" + TransferView.table(transfers) }
        return Report(text, self)
    }
}
