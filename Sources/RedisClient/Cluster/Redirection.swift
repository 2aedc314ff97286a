/// Where a node sends us: `MOVED 3999 127.0.0.1:6381` or `ASK 3999 127.0.0.1:6381`.
struct Redirection: Equatable {
    let slot: UInt16
    let host: RedisHost

    /// Reads an error reply; nil when it is none of these. `node` is who answered: one that does not know the other's
    /// address means its own.
    init?(_ error: RedisServerError, from node: RedisHost) {
        guard error.prefix == .moved || error.prefix == .ask else { return nil }
        let words = error.message.split(separator: " ")
        guard words.count >= 3, let slot = UInt16(words[1]), slot < HashSlot.count,
            let colon = words[2].lastIndex(of: ":"),
            let port = UInt16(words[2][words[2].index(after: colon)...]), port > 0
        else { return nil }
        let name = words[2][..<colon]
        guard name != "?" else { return nil }
        self.slot = slot
        host = RedisHost(name.isEmpty ? node.name : String(name), port: port)
    }
}
