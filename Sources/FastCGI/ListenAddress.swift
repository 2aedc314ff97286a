internal import Glibc

/// Where to listen: a Unix socket's path, or an address and a port.
///
/// Written `/run/x.sock`, `unix:/run/x.sock`, `127.0.0.1:9001` or `[::1]:9001`. Names are not looked up.
public enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An absolute path.
    case unix(path: String)
    /// An IPv4 address as written, and a port; port 0 lets the kernel choose.
    case ipv4(host: String, port: UInt16)
    /// An IPv6 address as written without brackets, and a port; port 0 lets the kernel choose.
    case ipv6(host: String, port: UInt16)

    /// The kernel's limit for a path, less the final NUL.
    static let longestPath = 107

    /// Parses one of the four forms.
    ///
    /// - Throws: ``FastCGIError`` with code `badAddress`, saying what is wrong and what is allowed.
    public init(_ text: String) throws(FastCGIError) {
        let allowed = "write /path/to.sock, unix:/path/to.sock, 127.0.0.1:9001 or [::1]:9001"
        if text.hasPrefix("/") || text.hasPrefix("unix:") {
            let path = text.hasPrefix("/") ? text : String(text.dropFirst(5))
            guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
                throw FastCGIError(.badAddress, "\"\(text)\" is not the absolute path of a socket: \(allowed)")
            }
            guard path.utf8.count <= Self.longestPath else {
                throw FastCGIError(
                    .badAddress,
                    "\"\(text)\" is longer than the \(Self.longestPath) bytes that a socket's path may have")
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), !text.hasSuffix("+\(port)")
        else { throw FastCGIError(.badAddress, "\"\(text)\" has no port: \(allowed)") }
        let host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            var address = in6_addr()
            guard inet_pton(AF_INET6, inner, &address) == 1 else {
                throw FastCGIError(.badAddress, "\"\(text)\" has no IPv6 address in its brackets: \(allowed)")
            }
            self = .ipv6(host: inner, port: port)
            return
        }
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else {
            throw FastCGIError(.badAddress, "\"\(text)\" has no IPv4 address (names are not looked up): \(allowed)")
        }
        self = .ipv4(host: host, port: port)
    }

    /// Whether only this machine can reach it.
    public var isLocal: Bool {
        switch self {
        case .unix: return true
        case .ipv4(let host, _): return host.hasPrefix("127.")
        case .ipv6(let host, _):
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1 else { return false }
            return withUnsafeBytes(of: &address) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
    }

    /// The address in the form that ``init(_:)`` reads.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .ipv4(let host, let port): "\(host):\(port)"
        case .ipv6(let host, let port): "[\(host)]:\(port)"
        }
    }
}
