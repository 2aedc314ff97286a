/// Commands that may not be sent over a connection that others share.
///
/// hiredis looks at the words of a command to find SUBSCRIBE and MONITOR (hazard X20); the others change what the
/// connection is, hold up everybody behind them, or make replies come in another number than commands.
enum CommandRules {
    private static let refused: [StaticString] = [
        "AUTH", "HELLO", "SELECT", "RESET", "QUIT", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "MONITOR", "WAIT",
        "WAITAOF", "SYNC", "PSYNC", "REPLCONF", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE",
        "SUNSUBSCRIBE", "CLIENT", "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP",
        "XREAD", "XREADGROUP", "SHUTDOWN", "DEBUG",
        "ASKING", "READONLY", "READWRITE", "FAILOVER", "REPLICAOF", "SLAVEOF",
    ]

    /// The same by their lengths: most commands are as long as none of them, or as one or two.
    private static let refusedByLength: [[StaticString]] = (0...(refused.map(\.utf8CodeUnitCount).max() ?? 0)).map {
        length in refused.filter { $0.utf8CodeUnitCount == length }
    }

    /// Whether a command, by its first word, may be sent by users of the client.
    static func allow(_ arguments: [RedisArgument]) -> Bool {
        switch arguments.first {
        case .string(let name): !name.isEmpty && !isRefused(name.utf8)
        case .bytes(let name): !name.isEmpty && !isRefused(name)
        case .integer, nil: false
        }
    }

    private static func isRefused(_ name: some Collection<UInt8>) -> Bool {
        let count = name.count
        guard count < refusedByLength.count else { return false }
        return refusedByLength[count].contains { word in
            word.withUTF8Buffer { $0.elementsEqual(name) { $0 == ($1 >= 97 && $1 <= 122 ? $1 & 0xDF : $1) } }
        }
    }
}
