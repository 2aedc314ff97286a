internal import Glibc

/// The sockets of a multi handle's connections, to be looked at before a kept one is used again.
///
/// On HTTP/1 a reply belongs to a request only by its turn. Bytes that wait on a connection between two requests are
/// nobody's reply: a server's surplus, or the 408 with which some end an idle connection. Whoever sent a request there
/// would be given them. libcurl 7.88 takes such a connection for a good one. It tells a transfer the connection's
/// addresses, and the socket only when it is over, so that the sockets are kept here by their addresses.
///
/// Nothing need be taken out: the addresses of a connection that has gone come back with a new one, which is noted
/// anew, and a descriptor stands for the last connection that had it.
struct ConnectionSockets {
    private struct Socket {
        let descriptor: Int32
        /// A reply in HTTP/1 has come. Until then it is not known what is spoken, but nobody else's reply can have
        /// come either. On HTTP/2 bytes may wait at any time, and each says whose it is.
        var isHTTP1 = false
    }

    private var sockets: [ConnectionEnds: Socket] = [:]
    private var ends: [Int32: ConnectionEnds] = [:]

    /// Takes a new connection; `opened` are the sockets that were tried for it, of which one has made it.
    mutating func note(_ connection: ConnectionEnds, opened: [Int32]) {
        sockets[connection] = nil
        guard let descriptor = opened.last(where: { Self.localPort(of: $0).map(connection.hasLocalPort) ?? false })
        else { return }
        if let former = ends.updateValue(connection, forKey: descriptor), former != connection {
            sockets[former] = nil
        }
        sockets[connection] = Socket(descriptor: descriptor)
    }

    /// A connection has brought a reply in HTTP/1.
    mutating func noteHTTP1(_ connection: ConnectionEnds) { sockets[connection]?.isHTTP1 = true }

    /// Whether something is waiting on a connection that is at rest: bytes, its end, or an error. One system call.
    ///
    /// Over TLS the bytes may be a session ticket and no reply, which cannot be told from outside: a new connection is
    /// always right. What OpenSSL has taken from the socket already is asked of it.
    /// `handle` is the one that libcurl has given the connection to.
    func hasInput(_ connection: ConnectionEnds, _ handle: EasyHandle) -> Bool {
        guard let socket = sockets[connection], socket.isHTTP1 else { return false }
        if handle.hasUnreadTLS { return true }
        var byte: UInt8 = 0
        while true {
            if recv(socket.descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0 { return true }
            switch errno {
            case EINTR: continue
            case EAGAIN: return false
            default: return true
            }
        }
    }

    private static func localPort(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { general -> UInt16? in
                guard getsockname(descriptor, general, &size) == 0 else { return nil }
                // The port lies at the same place in both families' addresses.
                guard [sa_family_t(AF_INET), sa_family_t(AF_INET6)].contains(general.pointee.sa_family) else {
                    return nil
                }
                return general.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt16(bigEndian: $0.pointee.sin_port)
                }
            }
        }
    }
}
