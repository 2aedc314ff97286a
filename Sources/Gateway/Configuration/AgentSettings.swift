/// An agent of a department (`agents`).
public struct AgentSettings: Sendable, Equatable {
    /// The chat server account (`username`).
    public var username: String
    /// For people, or "" (`email`).
    public var email: String
    /// Rooms at once at most, 1–10,000 (`capacity`).
    public var capacity: Int

    static let keys = ["username", "email", "capacity"]

    init(_ section: SettingsSection) {
        username = section.text("username", default: "", expected: "a user name without spaces") { text in
            text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        }
        section.require("username", hint: "the agent's account at the chat server")
        email = section.text("email", default: "")
        capacity = section.integer("capacity", of: nil, in: 1...10_000, default: 5)
    }
}
