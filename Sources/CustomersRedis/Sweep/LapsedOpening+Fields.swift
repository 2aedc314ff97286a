import Customers

extension LapsedOpening {
    /// Reads what `lock_opening`, `take_agent` and `promote_next` noted.
    init(_ fields: [String: [UInt8]], of customer: CustomerHash) {
        func text(_ name: String) -> String? { fields[name].flatMap { String(validating: $0, as: UTF8.self) } }
        func names(after prefix: String) -> [String] {
            fields.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
        }
        self.init(customer: customer, agents: names(after: "agent:"))
        for slot in names(after: "slot:") {
            if slot == RoomSlot.direct.text { isDirect = true }
            if let department = DepartmentID(slot), let group = text("group:\(slot)") { groups[department] = group }
        }
        guard let trust = text("trust").flatMap(CustomerKey.Trust.init(rawValue:)),
            let name = text("name").flatMap(CustomerName.init)
        else { return }
        let key = CustomerKey(tenant: customer.tenant, trust: trust, name: name)
        // Somebody else wrote it, if not.
        if key.hash == customer.hash { self.key = key }
    }

    /// The names of the fields that it was read from.
    var notes: [String] {
        groups.keys.map { "slot:\($0.text)" } + (isDirect ? ["slot:\(RoomSlot.direct.text)"] : [])
            + agents.map { "agent:\($0)" }
    }
}
