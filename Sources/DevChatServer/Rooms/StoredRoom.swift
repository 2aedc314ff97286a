/// A channel, private group or direct room, with its messages.
struct StoredRoom: Sendable {
    /// Rocket.Chat's one-letter room types.
    enum Kind: String, Sendable {
        case channel = "c"
        case group = "p"
        case direct = "d"
    }

    var id: String
    var kind: Kind
    /// The unique name; empty for direct rooms.
    var name: String
    /// The name to show.
    var displayName: String
    /// Who made it, and the `u` of it.
    var owner: JSON
    var topic: String?
    var description: String?
    var customFields: [String: JSON] = [:]
    var readOnly = false
    var broadcast = false
    var archived = false
    var createdAt: Timestamp
    var updatedAt: Timestamp
    /// Members by user id.
    var members: [String: Membership] = [:]
    /// User ids in the order of joining.
    var order: [String] = []
    /// By time, oldest first.
    var messages: [StoredMessage] = []
    /// What was deleted, oldest first.
    var deleted: [(id: String, at: Timestamp)] = []

    /// Members who own the room.
    var owners: [String] {
        order.filter { members[$0]?.roles.contains("owner") == true }
    }

    /// The same people always give the same key, in whatever order.
    static func directKey(_ userIDs: some Sequence<String>) -> String {
        Set(userIDs).sorted().joined(separator: "+")
    }

    /// Where the message with that id is; looks from the newest back.
    func position(of messageID: String) -> Int? {
        messages.lastIndex { $0.id == messageID }
    }
}

/// A user's part in a room.
struct Membership: Sendable {
    /// `owner`, `moderator`, `leader`: roles within this room.
    var roles: Set<String> = []
    /// Whether the room shows in the user's list.
    var open = true
}
