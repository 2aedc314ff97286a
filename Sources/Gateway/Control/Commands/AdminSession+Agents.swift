internal import ChatBackend
internal import Customers
internal import CustomersRedis
internal import RocketChatBackend

extension AdminSession {
    /// All agents with presence, as the chat server says it now, and rooms.
    ///
    /// - Parameter tenant: an id or a name; nil for all.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func agents(tenant: String?) throws(AdminError) -> Report {
        try onLoop { bench in
            var views: [AgentView] = []
            for tenant in try bench.tenants(tenant) {
                let loads = try await bench.inspection.loads(of: tenant.id)
                let usernames = tenant.agents.map(\.username)
                let presence = usernames.isEmpty ? [] : try await bench.worker.chat.presence(ofAgents: usernames)
                for agent in tenant.agents {
                    let known = presence.first { $0.username.lowercased() == agent.username.lowercased() }
                    views.append(
                        AgentView(
                            tenant: tenant.id.text, tenantName: tenant.name, username: agent.username, id: known?.id,
                            status: known?.status.rawValue ?? "absent", rooms: known.flatMap { loads[$0.id] } ?? 0,
                            capacity: agent.capacity,
                            departments: tenant.departments.filter { department in
                                department.agents.contains { $0.username == agent.username }
                            }.map(\.name)))
                }
            }
            return AgentView.report(views)
        }
    }
}

/// An agent for people and programs.
private struct AgentView: Encodable {
    var tenant: String
    var tenantName: String
    var username: String
    var id: String?
    var status: String
    var rooms: Int
    var capacity: Int
    var departments: [String]

    static func report(_ views: [AgentView]) -> Report {
        var table = TextTable("tenant", "agent", "status", "rooms", "departments", "id")
        for view in views {
            table.add(
                view.tenantName, view.username, view.status, "\(view.rooms) of \(view.capacity)",
                view.departments.joined(separator: ", "), view.id ?? "-")
        }
        var text = table.text(ifEmpty: "no tenant has an agent")
        if views.contains(where: { $0.status == "absent" }) {
            text +=
                "\nabsent: the chat server has no active account of that username; create it or correct the tenant's file"
        }
        return Report(text, views)
    }
}
