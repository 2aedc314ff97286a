internal import ChatBackend
internal import HTTPMessage

/// A private group as `groups.*` show one.
struct RocketChatGroup: Sendable {
    let id: String
    /// The server's name for it: what was asked for, or made of it.
    let name: String
    let usersCount: Int?
    let messageCount: Int?
    let isArchived: Bool

    /// nil when the id is missing, or none.
    init?(_ json: JSONValue?) {
        guard let json, let id = json["_id"]?.identifier else { return nil }
        self.id = id
        name = json["name"]?.string ?? ""
        usersCount = json["usersCount"]?.int
        messageCount = json["msgs"]?.int
        isArchived = json["archived"]?.bool ?? false
    }
}
