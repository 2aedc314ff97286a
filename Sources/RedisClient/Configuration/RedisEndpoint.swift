/// Where Redis is to be found.
public enum RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// One server behind a Unix socket: an absolute path of at most ``longestPath`` bytes.
    case unix(path: String)
    /// One server: a host name or address, and a port.
    case tcp(host: String, port: UInt16)
    /// The master of this name, wherever these Sentinels say it is.
    case sentinel([RedisHost], master: String)
    /// A cluster; some of its nodes.
    case cluster([RedisHost])

    /// Bytes of a socket's path that hiredis passes on whole.
    public static let longestPath = 106
    /// Redis's own port.
    public static let defaultPort: UInt16 = 6_379
    /// Sentinel's own port.
    public static let defaultSentinelPort: UInt16 = 26_379

    /// Whether bytes stay on this machine: there is no TLS, so anything else belongs on a private network (hazard X18).
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, let port): RedisHost(host, port: port).isLocal
        case .sentinel(let hosts, _), .cluster(let hosts): hosts.allSatisfy(\.isLocal)
        }
    }

    /// As in a configuration file.
    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): "redis://\(RedisHost(host, port: port))"
        case .sentinel(let hosts, let master): "redis+sentinel://\(Self.list(hosts))/\(master)"
        case .cluster(let hosts): "redis+cluster://\(Self.list(hosts))"
        }
    }

    private static func list(_ hosts: [RedisHost]) -> String { hosts.map(\.description).joined(separator: ",") }
}
