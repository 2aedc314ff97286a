internal import Customers

/// An entry of a room's transfer log for people and programs.
struct TransferView: Encodable {
    var at: Int64
    var reason: String
    var fromAgent: String
    var fromAgentName: String?
    var fromDepartment: String
    var toAgent: String
    var toAgentName: String?
    var toDepartment: String
    var outcome: String
    private var departments: [String: String] = [:]

    private enum CodingKeys: String, CodingKey {
        case at, reason, fromAgent, fromAgentName, fromDepartment, toAgent, toAgentName, toDepartment, outcome
    }

    /// `agents` are names by backend id.
    init(_ record: TransferRecord, tenant: Tenant, agents: [String: String]) {
        at = record.at
        reason = record.reason.rawValue
        fromAgent = record.fromAgent
        fromAgentName = agents[record.fromAgent]
        fromDepartment = record.fromDepartment.text
        toAgent = record.toAgent
        toAgentName = agents[record.toAgent]
        toDepartment = record.toDepartment.text
        outcome = record.outcome
        for department in tenant.departments { departments[department.id.text] = department.name }
    }

    static func table(_ views: [TransferView]) -> String {
        var table = TextTable("when", "why", "from", "to", "outcome")
        for view in views {
            table.add(
                TimeText.utc(seconds: view.at / 1_000), view.reason,
                view.place(view.fromAgentName ?? view.fromAgent, view.fromDepartment),
                view.place(view.toAgentName ?? view.toAgent, view.toDepartment), view.outcome)
        }
        return table.text(ifEmpty: "no transfers")
    }

    private func place(_ agent: String, _ department: String) -> String {
        "\(agent.isEmpty ? "queue" : agent) in \(departments[department] ?? "everyone")"
    }
}
