/// The cursor form of `chat.syncMessages`: what was updated or deleted, in pages by time.
enum MessageCursor {
    static func page(of room: StoredRoom, type: String, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard type == "UPDATED" || type == "DELETED" else {
            throw .code(
                "error-type-param-not-supported", "The \"type\" parameter must be either \"UPDATED\" or \"DELETED\".")
        }
        guard call.text("next") == nil || call.text("previous") == nil else {
            throw .code("error-cursor-conflict", "You cannot provide both \"next\" and \"previous\" parameters.")
        }
        let all: [(at: Timestamp, json: JSON)] =
            type == "UPDATED"
            ? room.messages.map { ($0.updatedAt, $0.json(.rest)) }
            : room.deleted.map { ($0.at, HistoryRoutes.tombstone($0)) }
        let sorted = all.sorted { $0.at < $1.at }
        let count = max(1, call.number("count") ?? 50)
        let part: ArraySlice<(at: Timestamp, json: JSON)>
        let more: Bool
        if let previous = call.number("previous") {
            let before = sorted.filter { $0.at.milliseconds < previous }
            part = before.suffix(count)
            more = before.count > count
        } else {
            let next = call.number("next") ?? Int.min
            let after = sorted.filter { $0.at.milliseconds > next }
            part = after.prefix(count)
            more = after.count > count
        }
        let last = part.last.map { JSON.string(String($0.at.milliseconds)) } ?? .null
        let first = part.first.map { JSON.string(String($0.at.milliseconds)) } ?? .null
        return [
            "result": [
                "updated": type == "UPDATED" ? .array(part.map(\.json)) : [],
                "deleted": type == "DELETED" ? .array(part.map(\.json)) : [],
                "cursor": [
                    "next": more || call.text("previous") != nil ? last : .null,
                    "previous": call.text("next") != nil || more && call.text("previous") != nil ? first : .null,
                ],
            ]
        ]
    }
}
