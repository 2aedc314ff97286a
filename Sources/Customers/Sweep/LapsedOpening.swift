/// What is noted of openings that came to no end, for one customer.
public struct LapsedOpening: Sendable, Hashable {
    /// The customer.
    public var customer: CustomerHash
    /// What the account's name is made of, when that was noted.
    public var key: CustomerKey?
    /// The chat server's names of groups that may be there.
    public var groups: [DepartmentID: String]
    /// Whether there may be a direct room with any of `agents`.
    public var isDirect: Bool
    /// Agents of whom a slot was kept, by backend id.
    public var agents: [String]

    /// Makes a note.
    public init(
        customer: CustomerHash, key: CustomerKey? = nil, groups: [DepartmentID: String] = [:], isDirect: Bool = false,
        agents: [String] = []
    ) {
        self.customer = customer
        self.key = key
        self.groups = groups
        self.isDirect = isDirect
        self.agents = agents
    }
}
