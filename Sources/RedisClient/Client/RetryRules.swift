/// What may be sent a second time: a command that did not run, and one that only reads.
enum RetryRules {
    /// Whether a server of which there are several could not do a command now, and has not done it: another may.
    static func isRefusedByRole(_ error: RedisError) -> Bool {
        switch error.code {
        case .server(.readOnly), .server(.masterDown), .server(.loading): true
        default: false
        }
    }

    /// Whether the connection was lost under a command that only reads.
    static func isLostRead(_ error: RedisError, _ arguments: [RedisArgument]) -> Bool {
        error.code == .unavailable && error.mayHaveRun && CommandRoute.name(arguments).map(reads.contains) == true
    }

    private static let reads: Set<String> = [
        "GET", "MGET", "EXISTS", "TTL", "PTTL", "TYPE", "STRLEN", "GETRANGE", "HGET", "HMGET", "HGETALL", "HEXISTS",
        "HLEN",
        "HKEYS", "HVALS", "LLEN", "LRANGE", "LINDEX", "SCARD", "SISMEMBER", "SMEMBERS", "ZCARD", "ZSCORE", "ZRANK",
        "ZRANGE",
        "ZRANGEBYSCORE", "ZCOUNT", "PING", "ECHO", "TIME", "DBSIZE",
    ]
}
