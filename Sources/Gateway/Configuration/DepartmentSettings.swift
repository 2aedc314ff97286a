public import HTTPMessage

/// A department of a tenant (`departments`). What is nil is as the tenant has it.
public struct DepartmentSettings: Sendable, Equatable {
    /// The department's id as lower-case dashed UUID (`id`).
    public var id: String
    /// Its name, a part of the rooms' names (`name`).
    public var name: String
    /// Whether customers who name no department come here (`default`); at most one is.
    public var isDefault: Bool
    /// The greeting (`template`).
    public var template: String?
    /// Seconds, 1–86,400 (`timeout`).
    public var timeout: Int?
    /// Laid over the tenant's public settings (`config`).
    public var config: [String: JSONValue]
    /// The agents in the file's order (`agents`).
    public var agents: [AgentSettings]

    static let keys = ["id", "name", "default", "template", "timeout", "config", "agents"]

    init(_ section: SettingsSection) {
        id = section.requiredUUID("id", hint: "the department's UUID")
        name = section.text("name", default: "")
        section.require("name", hint: "the department's name")
        isDefault = section.flag("default", default: false)
        template = section.isPresent("template") ? section.text("template", default: "") : nil
        timeout =
            section.isPresent("timeout") ? section.integer("timeout", of: "seconds", in: 1...86_400, default: 200) : nil
        config = section.json("config") ?? [:]
        agents = section.sections("agents", known: AgentSettings.keys).map { AgentSettings($0) }
        if !section.isPresent("agents") || agents.isEmpty { section.warn("agents", "the department has no agents") }
    }
}
