internal import Glibc

/// Who may connect (hazard H21). The default lets everybody in who can reach the socket.
public struct PeerPolicy: Sendable {
    /// User ids allowed on a Unix socket; nil allows all.
    public var users: Set<UInt32>?
    /// Who is allowed over TCP; nil allows all.
    public var networks: [AddressBlock]?

    /// Makes a policy.
    public init(users: Set<UInt32>? = nil, networks: [AddressBlock]? = nil) {
        self.users = users
        self.networks = networks
    }

    /// Whether the peer of a connection may stay. Asks the kernel only when there is a list.
    ///
    /// - Parameters:
    ///   - descriptor: the connection.
    ///   - address: its own end; nil is a Unix socket without a path.
    /// - Returns: whether it is allowed.
    func allows(_ descriptor: Int32, on address: ListenAddress?) -> Bool {
        switch address {
        case nil, .unix:
            guard let users else { return true }
            // struct ucred, which Swift's Glibc module lacks.
            var peer = (process: pid_t(0), user: uid_t(0), group: gid_t(0))
            var length = socklen_t(MemoryLayout.size(ofValue: peer))
            return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && users.contains(peer.user)
        case .ipv4, .ipv6:
            guard let networks else { return true }
            var name = SocketAddress()
            guard name.fill({ getpeername(descriptor, $0, $1) }) == 0 else { return false }
            switch name.listenAddress {
            case .ipv4(let host, _), .ipv6(let host, _): return networks.contains { $0.contains(host) }
            default: return false
            }
        }
    }
}
