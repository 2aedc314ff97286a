/// Where Redis is, and the database, as one text: `unix:///path?db=1`, `redis://host:6379/1`,
/// `redis+sentinel://h1:26379,h2:26379/mymaster/1` or `redis+cluster://h1:7000,h2:7000`.
public struct RedisURL: Sendable, Hashable, CustomStringConvertible {
    /// Where Redis is to be found.
    public let endpoint: RedisEndpoint
    /// The database, 0 when none is given; always 0 in a cluster.
    public let database: Int

    /// Reads an address.
    ///
    /// - Throws: ``RedisError/Code/invalidURL`` with a sentence that says what is wrong and what is allowed. A password
    ///   in the address is never repeated.
    public init(_ text: String) throws(RedisError) {
        // Not quoted in the message: it holds a password.
        guard text.hasPrefix("unix:") || !text.contains("@") else {
            throw Self.invalid("user name and password do not belong into the address; set username and password_file")
        }
        guard let colon = text.firstRange(of: "://") else {
            throw Self.invalid("\"\(text)\" is no address; \(Self.allowed)")
        }
        let rest = text[colon.upperBound...]
        switch text[..<colon.lowerBound] {
        case "unix": self = try Self.unix(rest)
        case "redis": self = try Self.tcp(rest)
        case "redis+sentinel": self = try Self.sentinel(rest)
        case "redis+cluster": self = try Self.cluster(rest)
        case "rediss":
            throw Self.invalid(
                "TLS is not supported: use a Unix socket, a private network or a tunnel; \(Self.allowed)")
        case let scheme: throw Self.invalid("the scheme \"\(scheme)\" is unknown; \(Self.allowed)")
        }
    }

    /// The Unix socket at a path, database 0.
    public init(socket path: String) { self.init(endpoint: .unix(path: path), database: 0) }

    private init(endpoint: RedisEndpoint, database: Int) {
        self.endpoint = endpoint
        self.database = database
    }

    static let allowed =
        "allowed are unix:///run/redis/redis-server.sock?db=0, redis://host:6379/0, "
        + "redis+sentinel://h1:26379,h2:26379/mymaster and redis+cluster://h1:7000,h2:7000"

    private static func unix(_ rest: Substring) throws(RedisError) -> RedisURL {
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count > 1, !path.utf8.contains(0) else {
            throw invalid("unix:// wants an absolute path, as in unix:///run/redis/redis-server.sock")
        }
        guard path.utf8.count <= RedisEndpoint.longestPath else {
            throw invalid(
                "the socket's path has \(path.utf8.count) bytes; the longest possible has \(RedisEndpoint.longestPath)")
        }
        guard parts.count == 2 else { return RedisURL(endpoint: .unix(path: path), database: 0) }
        guard parts[1].hasPrefix("db=") else {
            throw invalid("after \"?\" only db=<number> is allowed, as in unix://\(path)?db=1")
        }
        return RedisURL(endpoint: .unix(path: path), database: try database(parts[1].dropFirst(3)))
    }

    private static func tcp(_ rest: Substring) throws(RedisError) -> RedisURL {
        guard !rest.contains("?") else { throw invalid("the database is given as a path: redis://host:6379/1") }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = try RedisHost(reading: parts[0], defaultPort: RedisEndpoint.defaultPort)
        let number = parts.count == 2 && !parts[1].isEmpty ? try database(parts[1]) : 0
        return RedisURL(endpoint: .tcp(host: host.name, port: host.port), database: number)
    }

    private static func sentinel(_ rest: Substring) throws(RedisError) -> RedisURL {
        let example = "redis+sentinel://h1:26379,h2:26379/mymaster"
        guard !rest.contains("?") else { throw invalid("the database is given behind the master: \(example)/1") }
        let parts = rest.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, !parts[1].isEmpty else {
            throw invalid("the name of the master is missing, as in \(example)")
        }
        // Sentinel allows no other names.
        guard
            parts[1].unicodeScalars.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains($0))
            })
        else {
            throw invalid("\"\(parts[1])\" is no name of a master, as in \(example)")
        }
        let hosts = try hosts(parts[0], defaultPort: RedisEndpoint.defaultSentinelPort)
        let number = parts.count == 3 && !parts[2].isEmpty ? try database(parts[2]) : 0
        return RedisURL(endpoint: .sentinel(hosts, master: String(parts[1])), database: number)
    }

    private static func cluster(_ rest: Substring) throws(RedisError) -> RedisURL {
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !rest.contains("?"), parts.count == 1 || parts[1].isEmpty || parts[1] == "0" else {
            throw invalid("a cluster has database 0 only: redis+cluster://h1:7000,h2:7000")
        }
        return RedisURL(endpoint: .cluster(try hosts(parts[0], defaultPort: RedisEndpoint.defaultPort)), database: 0)
    }

    private static func hosts(_ text: Substring, defaultPort: UInt16) throws(RedisError) -> [RedisHost] {
        var hosts: [RedisHost] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let host = try RedisHost(reading: part, defaultPort: defaultPort)
            guard !hosts.contains(host) else { throw invalid("\(host) is given twice") }
            hosts.append(host)
        }
        return hosts
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard text.utf8.allSatisfy(isDigit), let number = UInt16(text) else {
            throw invalid("the database \"\(text)\" is no number from 0 on")
        }
        return Int(number)
    }

    private static func invalid(_ message: String) -> RedisError { RedisError(.invalidURL, message) }

    /// As it was given, in full.
    public var description: String {
        switch endpoint {
        case .unix: database == 0 ? "\(endpoint)" : "\(endpoint)?db=\(database)"
        case .tcp: "\(endpoint)/\(database)"
        case .sentinel: database == 0 ? "\(endpoint)" : "\(endpoint)/\(database)"
        case .cluster: "\(endpoint)"
        }
    }
}
