internal import HTTPMessage

/// A message with what paging needs to know of it.
struct PagedMessage: Sendable {
    let position: HistoryPosition
    /// "Joined", "renamed" and the like: the server's type `t` is set.
    let isNotice: Bool
    /// The message as JSON, keys sorted.
    let text: [UInt8]

    /// nil without an id or a time.
    init?(_ json: JSONValue) {
        self.init(id: json["_id"], time: json["ts"], type: json["t"], text: json.serialized())
    }

    /// A message of a ``RocketChatReply``; nil without an id or a time.
    init?(_ row: JSONRows.Row) {
        guard row.values.count == 4 else { return nil }
        self.init(id: row.values[0], time: row.values[1], type: row.values[2], text: row.text)
    }

    private init?(id: JSONValue?, time: JSONValue?, type: JSONValue?, text: [UInt8]) {
        guard let id = id?.string, !id.isEmpty, let time = time?.string.flatMap(MessageTime.milliseconds(iso:)) else {
            return nil
        }
        position = HistoryPosition(time: time, id: id)
        isNotice = type?.string.map { !$0.isEmpty } ?? false
        self.text = text
    }
}
