/// Whether a room is between two or may change its members.
public enum RoomKind: String, Sendable, Hashable {
    /// Customer and agent, for good.
    case direct
    /// A private group.
    case group
}

/// A room as the chat server gave it.
public struct ChatRoom: Sendable, Hashable {
    /// The opaque room id: `rid`, `group_id` and `room_id` of the API.
    public var id: String
    /// Whether this call made it; false when one was there already.
    public var isNew: Bool

    /// Makes a room value.
    public init(id: String, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// What it takes to open a private group.
public struct NewGroup: Sendable {
    /// The server's name for it: only `[0-9A-Za-z._-]`, unguessable, unique to tenant, department and customer.
    public var name: String
    /// Display text in any script; shown as the topic.
    public var topic: String
    /// Usernames beside the gateway's own account, which owns the group.
    public var members: [String]

    /// Makes the order.
    public init(name: String, topic: String, members: [String]) {
        self.name = name
        self.topic = topic
        self.members = members
    }
}
