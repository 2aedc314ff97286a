/// Where FastCGI connections come in.
public enum ListenSetting: Sendable, Hashable, CustomStringConvertible {
    /// A Unix socket at this absolute path.
    case unix(path: String)
    /// A TCP port on a numeric address, without brackets.
    case tcp(address: String, port: Int)

    /// Where it is unless somebody says otherwise.
    static let usual = ListenSetting.unix(path: "/run/customersd/fcgi.sock")

    static let expectation =
        "an absolute path of at most 107 bytes, or a numeric address with a port such as 127.0.0.1:9001"

    init?(_ text: String) {
        if text.hasPrefix("/") {
            // sun_path has 108 bytes with the final NUL.
            guard text.utf8.count <= 107, !text.utf8.contains(0), !text.hasSuffix("/") else { return nil }
            self = .unix(path: text)
            return
        }
        guard let host = HostAndPort(text, defaultPort: nil), NumericAddress.isAddress(host.host) else { return nil }
        self = .tcp(address: host.host, port: host.port)
    }

    /// Whether other machines can reach it.
    var isReachableFromOutside: Bool {
        if case .tcp(let address, _) = self { !NumericAddress.isLoopback(address) } else { false }
    }

    /// The path; nil for TCP.
    var path: String? {
        if case .unix(let path) = self { path } else { nil }
    }

    /// As it is written in a configuration.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }
}
