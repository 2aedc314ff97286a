internal import HTTPMessage

/// A message with what paging needs to know of it.
struct PagedMessage: Sendable {
    let position: HistoryPosition
    /// "Joined", "renamed" and the like: the server's type `t` is set.
    let isNotice: Bool
    let json: JSONValue

    /// nil without an id or a time.
    init?(_ json: JSONValue) {
        guard let id = json["_id"]?.string, !id.isEmpty,
            let time = json["ts"]?.string.flatMap(MessageTime.milliseconds(iso:))
        else { return nil }
        position = HistoryPosition(time: time, id: id)
        isNotice = json["t"]?.string.map { !$0.isEmpty } ?? false
        self.json = json
    }
}
