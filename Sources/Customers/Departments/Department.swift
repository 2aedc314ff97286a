/// A group of agents that customers can ask for.
public struct Department: Sendable {
    /// Its id.
    public var id: DepartmentID
    /// Its name in any script; part of `group_name`.
    public var name: String
    /// Whether customers who name none come here.
    public var isDefault: Bool
    /// Who serves it.
    public var agents: [Agent]
    /// What its customers' clients are told.
    public var settings: ClientSettings

    /// Makes a department.
    public init(
        id: DepartmentID, name: String, isDefault: Bool = false, agents: [Agent] = [],
        settings: ClientSettings = ClientSettings()
    ) {
        self.id = id
        self.name = name
        self.isDefault = isDefault
        self.agents = agents
        self.settings = settings
    }
}

/// A department's UUID.
public struct DepartmentID: Hashable, Sendable, CustomStringConvertible {
    /// Lower case with dashes.
    public let text: String

    /// All agents of a tenant.
    public static let zero = DepartmentID(normalised: "00000000-0000-0000-0000-000000000000")

    /// Reads a UUID, dashed or as 32 hex digits, in any case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let text = UUIDText.normalise(text) else { return nil }
        self.text = text
    }

    private init(normalised: String) { text = normalised }

    /// The normal form.
    public var description: String { text }
}
