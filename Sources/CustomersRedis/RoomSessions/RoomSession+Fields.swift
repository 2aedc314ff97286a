import ChatBackend
import Customers
import RedisClient

extension RoomSession {
    /// The session as names and values in turn.
    var fields: [RedisArgument] {
        [
            "kind", .string(kind.rawValue), "customer", .string(customer.hash), "department", .string(department.text),
            "agent", .string(agent), "state", .string(state.rawValue), "group_name", .string(groupName),
            "previous", .string(previous.joined(separator: " ")), "opened", .integer(opened),
        ]
    }

    init(_ fields: [String: [UInt8]], rid: String, tenant: TenantID) throws {
        func text(_ name: String) -> String? { fields[name].flatMap { String(validating: $0, as: UTF8.self) } }
        guard let kind = text("kind").flatMap(RoomKind.init(rawValue:)), let customer = text("customer"),
            let department = text("department").flatMap({ DepartmentID($0) }), let agent = text("agent"),
            let state = text("state").flatMap(State.init(rawValue:)), let groupName = text("group_name")
        else { throw StoreError.unreadable("a room") }
        self.init(
            rid: rid, kind: kind, customer: CustomerHash(tenant: tenant, hash: customer), department: department,
            agent: agent, state: state, groupName: groupName,
            previous: (text("previous") ?? "").split(separator: " ").map(String.init),
            opened: text("opened").flatMap { Int64($0) } ?? 0)
    }
}
