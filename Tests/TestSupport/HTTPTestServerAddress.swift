/// Where a server under test listens.
public enum HTTPTestServerAddress: Sendable, Hashable {
    /// A Unix socket's path.
    case unix(String)
    /// A numeric IPv4 address and a port.
    case tcp(String, UInt16)

    /// Reads `unix:/path`, `host:port` or `http://host:port`; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            self = .unix(String(text.dropFirst(5)))
            return
        }
        let authority = text.hasPrefix("http://") ? text.dropFirst(7) : text[...]
        let parts = authority.prefix { $0 != "/" }.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        self = .tcp(parts[0] == "localhost" ? "127.0.0.1" : String(parts[0]), port)
    }
}
