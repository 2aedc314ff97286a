internal import ChatBackend
internal import Customers
internal import CustomersRedis
internal import RocketChatBackend

extension AdminSession {
    /// All agents with presence, as the chat server says it now, and rooms. While it does not say, who was last seen is
    /// shown.
    ///
    /// - Parameter tenant: an id or a name; nil for all.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func agents(tenant: String?) throws(AdminError) -> Report {
        try onLoop { bench in
            var views: [AgentView] = []
            var notes: [String] = []
            for tenant in try bench.tenants(tenant) {
                let loads = try await bench.inspection.loads(of: tenant.id)
                let roster = try await bench.roster(of: tenant)
                for agent in tenant.agents {
                    let known = roster.agents.first { agent.isSame(as: $0) }
                    views.append(
                        AgentView(
                            tenant: tenant.id.text, tenantName: tenant.name, username: agent.username, id: known?.id,
                            status: known?.status.rawValue ?? "absent",
                            isPaused: roster.paused.contains(agent.username.lowercased()),
                            rooms: known.flatMap { loads[$0.id] } ?? 0, capacity: agent.capacity,
                            departments: tenant.departments.filter { department in
                                department.agents.contains { $0.username == agent.username }
                            }.map(\.name), presence: roster.source.rawValue))
                }
                if roster.source == .lastSeen {
                    notes.append(
                        "\(tenant.name): the chat server does not say who is online (\(roster.trouble)); shown is who was last seen"
                    )
                }
            }
            return AgentView.report(views, notes: notes)
        }
    }

    /// Lets an agent take no new rooms, or take them again, on all gateways at once. Rooms that they have stay theirs.
    ///
    /// - Parameters:
    ///   - isPaused: which of the two.
    ///   - username: the agent's, in any case.
    ///   - tenant: an id or a name; may be left out when only one tenant has such an agent.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func setPaused(_ isPaused: Bool, agent username: String, tenant: String?) throws(AdminError) -> Report {
        try onLoop { bench in
            let found = try bench.tenants(tenant).compactMap { tenant in
                tenant.agents.first { $0.username.lowercased() == username.lowercased() }.map { (tenant, $0) }
            }
            guard let (tenant, agent) = found.first else {
                throw AdminError(
                    .refused, "there is no agent \"\(TextTable.printable(username))\"",
                    remedy: "customersctl agent list shows those there are")
            }
            guard found.count == 1 else {
                let names = found.map(\.0.name)
                // Tenants of one name are told apart by their ids.
                let isClear = Set(names.map { $0.lowercased() }).count == names.count
                throw AdminError(
                    .refused, "\(found.count) tenants have an agent \"\(TextTable.printable(username))\"",
                    remedy: "say which with --tenant: "
                        + (isClear ? names.map(TextTable.printable) : found.map(\.0.id.text)).joined(separator: ", "))
            }
            try await RedisPresenceStore(bench.worker.redis).setPaused(
                isPaused, username: agent.username, tenant: tenant.id)
            let text =
                isPaused
                ? "\(agent.username) takes no new customers; rooms that they have stay theirs"
                : "\(agent.username) takes customers again"
            return Report(
                TextTable.printable(text),
                PausedView(tenant: tenant.id.text, username: agent.username, isPaused: isPaused))
        }
    }
}

extension AdminBench {
    /// What the chat server says at this moment, else what was last seen, with who is paused.
    fileprivate func roster(of tenant: Tenant) async throws -> AgentRoster {
        let look = try await RedisPresenceStore(worker.redis).look(tenant: tenant.id, fence: nil)
        let usernames = tenant.agents.map(\.username)
        guard !usernames.isEmpty else { return AgentRoster(agents: [], paused: look.paused) }
        do throws(ChatBackendError) {
            let agents = try await worker.chat.presence(ofAgents: usernames)
            let source: AgentRoster.Source = worker.chat.presenceIsSwitchedOff ? .oneByOne : .chatServer
            return AgentRoster(agents: agents, paused: look.paused, source: source)
        } catch {
            // What the gateways go by at this moment, if they do.
            guard let known = look.fresh ?? look.lastSeen(usernames, trouble: "\(error)") else { throw error }
            return known
        }
    }
}

/// What was changed.
private struct PausedView: Encodable {
    var tenant: String
    var username: String
    var isPaused: Bool
}

/// An agent for people and programs.
private struct AgentView: Encodable {
    var tenant: String
    var tenantName: String
    var username: String
    var id: String?
    var status: String
    var isPaused: Bool
    var rooms: Int
    var capacity: Int
    var departments: [String]
    /// Where `status` comes from.
    var presence: String

    static func report(_ views: [AgentView], notes: [String]) -> Report {
        var table = TextTable("tenant", "agent", "status", "rooms", "departments", "id")
        for view in views {
            table.add(
                view.tenantName, view.username, view.isPaused ? "\(view.status), paused" : view.status,
                "\(view.rooms) of \(view.capacity)", view.departments.joined(separator: ", "), view.id ?? "-")
        }
        var lines = [table.text(ifEmpty: "no tenant has an agent")] + notes.map(TextTable.printable)
        if views.contains(where: { $0.status == "absent" }) {
            lines.append(
                "absent: the chat server has no active account of that username; create it or correct the tenant's file"
            )
        }
        return Report(lines.joined(separator: "\n"), views)
    }
}
