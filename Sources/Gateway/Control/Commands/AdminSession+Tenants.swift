extension AdminSession {
    /// All tenants of the configuration.
    public func tenants() throws(AdminError) -> Report {
        let tenants = try configuration().tenants
        var table = TextTable("tenant", "id", "identity", "departments", "agents", "when offline", "close")
        for tenant in tenants {
            table.add(
                tenant.name, tenant.id, tenant.identity.rawValue, String(tenant.departments.count),
                String(Set(tenant.departments.flatMap { $0.agents.map(\.username) }).count),
                tenant.whenOffline.rawValue,
                tenant.close.rawValue)
        }
        let none = "there are no tenants: put a file for each into the folder of tenants: in \(path)"
        return Report(table.text(ifEmpty: none), tenants.map { TenantView($0) })
    }

    /// One tenant with its departments and agents.
    public func tenant(_ reference: String) throws(AdminError) -> Report {
        let all = try configuration().tenants.map { (id: $0.id, name: $0.name, value: $0) }
        let tenant = try TenantReference(reference).find(in: all)
        let view = TenantView(tenant)
        var lines = [
            "\(view.name)", "  id (api_key)     \(view.id)", "  identity         \(view.identity)",
            "  identity secret  \(view.hasIdentitySecret ? "set" : "not set")",
            "  signature        \(view.requiresTimestamp ? "needs a timestamp" : "timestamp optional")",
            "  origins          \(view.origins.isEmpty ? "none: no browser may call" : view.origins.joined(separator: " "))",
            "  routing          \(view.routing)", "  when offline     \(view.whenOffline)",
            "  close            \(view.close)",
            "  reassign after   \(view.reassignAfter == 0 ? "never" : "\(view.reassignAfter) s")",
            "  timeout          \(view.timeout) s", "",
        ].map(TextTable.printable)
        var table = TextTable("department", "id", "default", "agent", "capacity")
        for department in view.departments {
            if department.agents.isEmpty {
                table.add(department.name, department.id, department.isDefault ? "yes" : "", "none", "")
            }
            for (number, agent) in department.agents.enumerated() {
                let isFirst = number == 0
                table.add(
                    isFirst ? department.name : "", isFirst ? department.id : "",
                    isFirst && department.isDefault ? "yes" : "",
                    agent.username, String(agent.capacity))
            }
        }
        lines.append(table.text(ifEmpty: "no departments: customers wait for agents that do not exist"))
        return Report(lines.joined(separator: "\n"), view)
    }
}

/// A tenant without its secrets.
private struct TenantView: Encodable {
    struct Department: Encodable {
        var id: String
        var name: String
        var isDefault: Bool
        var agents: [Agent]
    }

    struct Agent: Encodable {
        var username: String
        var capacity: Int
    }

    var id: String
    var name: String
    var identity: String
    var hasIdentitySecret: Bool
    var requiresTimestamp: Bool
    var origins: [String]
    var routing: String
    var whenOffline: String
    var close: String
    var reassignAfter: Int
    var timeout: Int
    var departments: [Department]

    init(_ tenant: TenantSettings) {
        id = tenant.id
        name = tenant.name
        identity = tenant.identity.rawValue
        hasIdentitySecret = !(tenant.identitySecret?.bytes.isEmpty ?? true)
        requiresTimestamp = tenant.requiresTimestamp
        origins = tenant.origins.sorted()
        routing = tenant.routing.rawValue
        whenOffline = tenant.whenOffline.rawValue
        close = tenant.close.rawValue
        reassignAfter = tenant.reassignAfter
        timeout = tenant.timeout
        departments = tenant.departments.map { department in
            Department(
                id: department.id, name: department.name, isDefault: department.isDefault,
                agents: department.agents.map { Agent(username: $0.username, capacity: $0.capacity) })
        }
    }
}
