/// One thing that happened at devchat with rooms and the people in them, from its journal.
public struct ChatEvent: Sendable, Equatable {
    /// What happened, by the journal's words.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case roomCreated = "room-created"
        case memberAdded = "member-added"
        case memberRemoved = "member-removed"
        case roomDeleted = "room-deleted"
        case roomArchived = "room-archived"
        case presence
    }

    /// Its number in the journal: rises with time.
    public var number: Int
    /// Unix milliseconds.
    public var at: Int64
    /// What happened.
    public var kind: Kind
    /// The room; "" when it is about none.
    public var rid: String
    /// The user name of whom it is about; "" when it is about several.
    public var user: String
    /// The user names of those who are in a room from its beginning.
    public var members: [String]
    /// The new presence: `online`, `away`, `busy` or `offline`; "" when it is not about that.
    public var status: String

    /// Makes an event.
    public init(
        number: Int, at: Int64, _ kind: Kind, rid: String = "", user: String = "", members: [String] = [],
        status: String = ""
    ) {
        self.number = number
        self.at = at
        self.kind = kind
        self.rid = rid
        self.user = user
        self.members = members
        self.status = status
    }
}

extension ChatEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case number = "n"
        case at = "ms"
        case kind, rid, user, members, status
    }

    /// Reads an entry of `GET /_devchat/journal`.
    public init(from decoder: any Decoder) throws {
        let entry = try decoder.container(keyedBy: CodingKeys.self)
        number = try entry.decode(Int.self, forKey: .number)
        at = try entry.decode(Int64.self, forKey: .at)
        kind = try entry.decode(Kind.self, forKey: .kind)
        rid = try entry.decodeIfPresent(String.self, forKey: .rid) ?? ""
        user = try entry.decodeIfPresent(String.self, forKey: .user) ?? ""
        members = try entry.decodeIfPresent([String].self, forKey: .members) ?? []
        status = try entry.decodeIfPresent(String.self, forKey: .status) ?? ""
    }
}
