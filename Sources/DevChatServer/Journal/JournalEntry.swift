/// One thing that happened; never a token or a password.
struct JournalEntry: Sendable {
    /// Rises by one an entry, from 1.
    var number: Int
    var at: Timestamp
    /// `request`, `user-created`, `token-minted`, `room-created`, `member-added`, `message`, …
    var kind: String
    var fields: [String: JSON]

    /// The entry as `GET /_devchat/journal` shows it.
    var json: JSON {
        .object(
            fields.merging(
                ["n": .int(number), "at": .string(at.iso), "ms": .int(at.milliseconds), "kind": .string(kind)],
                uniquingKeysWith: { $1 }))
    }
}
