extension ChatWorld {
    /// How far a sender's clock may be off, in milliseconds.
    private static let clockTolerance = 60_000

    /// Sends what `chat.sendMessage` and the websocket's `sendMessage` carry; nil when that id was sent before,
    /// in which case nothing is written (contract sheet, section 6).
    mutating func send(_ message: [String: JSON], by userID: String) throws(ChatError) -> StoredMessage? {
        let roomID = message["rid"]?.text ?? ""
        let text = (message["msg"]?.text ?? "").trimmed
        guard text.utf16.count <= Self.messageSizeCap else {
            throw .code(
                "error-message-size-exceeded", "Message size exceeds Message_MaxAllowedSize",
                details: ["method": "sendMessage"])
        }
        if message["t"] != nil { throw .plain("Cannot send system messages using 'sendMessage'") }
        if let sent = message["ts"], !isTimely(sent) {
            throw .code(
                "error-message-ts-out-of-sync", "Message timestamp is out of sync", details: ["method": "sendMessage"])
        }
        try demandWritable(roomID, by: userID)
        let extras = try MessageOptions.extras(from: message, in: self, by: userID)
        let id = message["_id"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        if let id, roomIDsByMessage[id] != nil { return nil }
        return post(text, in: roomID, by: userID, id: id, extras: extras)
    }

    /// Whether a sender's date, in either form, is near enough to the server's; what is no date passes.
    private func isTimely(_ sent: JSON) -> Bool {
        guard let date = sent["$date"]?.number ?? sent.text.flatMap({ Timestamp(iso: $0)?.milliseconds }) else {
            return true
        }
        let (difference, overflow) = date.subtractingReportingOverflow(now.milliseconds)
        return !overflow && difference.magnitude <= Self.clockTolerance
    }
}
