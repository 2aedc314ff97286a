/// What a Sentinel says about a master.
struct SentinelAnswer: Sendable, Hashable {
    /// Where the master is.
    let addresses: [RedisAddress]
    /// Rises with every fail-over: of two answers the one with the greater number is the newer.
    let epoch: Int64

    /// The questions to a Sentinel. The address comes from the first: it knows a promoted replica before the master's
    /// own entry does.
    static func questions(about master: String) -> [[RedisArgument]] {
        [
            ["SENTINEL", "get-master-addr-by-name", .string(master)],
            ["SENTINEL", "master", .string(master)],
        ]
    }

    /// Reads the replies: host and epoch, or nil when this Sentinel does not know the master.
    static func read(_ replies: [RedisReply]) -> (host: RedisHost, epoch: Int64)? {
        guard replies.count == 2, let parts = replies[0].array, parts.count == 2, let name = parts[0].text,
            !name.isEmpty, let port = parts[1].text.flatMap({ UInt16($0) }), port > 0
        else { return nil }
        let epoch = replies[1].fields?["config-epoch"].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        return (RedisHost(name, port: port), epoch ?? 0)
    }
}
