/// A message, from a person or from the system.
struct StoredMessage: Sendable {
    /// How dates are written.
    enum DateForm: Sendable {
        /// ISO 8601.
        case rest
        /// `{"$date": …}`.
        case realtime
    }

    var id: String
    var roomID: String
    var text: String
    var at: Timestamp
    var updatedAt: Timestamp
    /// The author's id, for permissions and clean-up.
    var userID: String
    /// The `u` as of writing.
    var author: JSON
    /// `au`, `ru`, `ul`, …; nil for what people write.
    var systemType: String?
    /// `alias`, `avatar`, `emoji`, `attachments`, `customFields`, `tmid`, `tshow` as sent; `file`, `files`.
    var extras: [String: JSON] = [:]
    /// The upload attached to it.
    var uploadID: String?
    var editedAt: Timestamp?
    var editor: JSON?

    /// The message object of the contract sheet, section 6.
    func json(_ form: DateForm) -> JSON {
        func date(_ moment: Timestamp) -> JSON { form == .rest ? .string(moment.iso) : moment.realtime }
        var fields = extras
        fields["_id"] = .string(id)
        fields["rid"] = .string(roomID)
        fields["msg"] = .string(text)
        fields["ts"] = date(at)
        fields["u"] = author
        fields["_updatedAt"] = date(updatedAt)
        fields["urls"] = []
        fields["mentions"] = []
        fields["channels"] = []
        if let systemType {
            fields["t"] = .string(systemType)
            fields["groupable"] = false
        } else if !text.isEmpty {
            fields["md"] = [["type": "PARAGRAPH", "value": [["type": "PLAIN_TEXT", "value": .string(text)]]]]
        }
        if let editedAt, let editor {
            fields["editedAt"] = date(editedAt)
            fields["editedBy"] = editor
        }
        return .object(fields)
    }
}
