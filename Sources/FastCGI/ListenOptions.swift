/// How a listening socket is made.
public struct ListenOptions: Sendable {
    /// Connections that may wait to be accepted; the kernel cuts it at `net.core.somaxconn`.
    public var backlog: Int32
    /// The permission bits of a Unix socket.
    public var mode: UInt32
    /// The group that gets a Unix socket, such as the web server's; nil keeps the process's own.
    public var group: String?
    /// Whether a TCP address other than loopback is allowed. FastCGI has no authentication: leave it off.
    public var allowsRemote: Bool

    /// Makes options; the defaults are those of DESIGN.md section 2 and hazards H20, H21.
    public init(backlog: Int32 = 4_096, mode: UInt32 = 0o660, group: String? = nil, allowsRemote: Bool = false) {
        self.backlog = backlog
        self.mode = mode
        self.group = group
        self.allowsRemote = allowsRemote
    }
}
