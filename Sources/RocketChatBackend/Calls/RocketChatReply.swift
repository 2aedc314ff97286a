internal import HTTPMessage

/// What a call was answered.
struct RocketChatReply: Sendable {
    /// The reply's object; without the messages when these are in ``messages``.
    var envelope: JSONValue
    /// The list of a call that lists messages, when it could be read without making values of it.
    var messages: [JSONRows.Row]?
}

extension JSONRows.Row {
    /// The room that a message of a ``RocketChatReply`` says it is in; nil when it does not say.
    var room: JSONValue? { values.count == 4 ? values[3] : nil }
}

extension RocketChatReply {
    /// The members of a message that the history needs to know.
    private static let members: [StaticString] = ["_id", "ts", "t", "rid"]

    /// A reply with a list of messages; nil for any other, and for a list that is better read as a value.
    init?(listing body: [UInt8]) {
        guard let list = JSONRows(parsing: body, rows: "messages", members: Self.members) else { return nil }
        self.init(envelope: .object(list.others), messages: list.rows)
    }

    /// Whether the server says that it did what it was asked.
    var isSuccess: Bool { envelope["success"]?.bool != false && envelope["status"]?.string != "error" }
}
