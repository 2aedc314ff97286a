internal import Glibc
internal import Synchronization

/// A listening socket, non-blocking and closed on exec. From any thread.
///
/// Several loops and several processes may accept from it. It closes itself when released; a Unix socket's path is
/// unlinked then if it is still the one that was made here.
public final class ListenSocket: Sendable {
    /// The descriptor; valid until ``close()``.
    public let descriptor: Int32
    /// Where it listens, with the port that the kernel chose.
    public let address: ListenAddress
    /// Whether the service manager opened it and goes on listening when this process ends.
    public let isInherited: Bool

    private let file: FileIdentity?
    private let isOpen = Mutex(true)

    init(descriptor: Int32, address: ListenAddress, file: FileIdentity?, isInherited: Bool = false) {
        self.descriptor = descriptor
        self.address = address
        self.file = file
        self.isInherited = isInherited
    }

    deinit { close() }

    /// Stops listening. Calling it twice is fine; nobody may be watching the descriptor any more.
    public func close() {
        isOpen.withLock { isOpen in
            guard isOpen else { return }
            isOpen = false
            if let file, case .unix(let path) = address, FileIdentity(path: path) == file { unlink(path) }
            _ = Glibc.close(descriptor)
        }
    }

    /// Listens at `address`.
    ///
    /// A Unix socket that is there already is replaced only when nobody answers on it (hazard H20).
    ///
    /// - Throws: ``FastCGIError``.
    public static func open(
        _ address: ListenAddress, options: ListenOptions = ListenOptions()
    ) throws(FastCGIError) -> ListenSocket {
        guard address.isLocal || options.allowsRemote else {
            throw FastCGIError(
                .notAllowed, "\(address) is reachable from other machines, and FastCGI knows no authentication")
        }
        if case .unix(let path) = address { try removeStale(path) }
        let sockaddr = SocketAddress(address)
        let descriptor = socket(sockaddr.family, streamType(SOCK_CLOEXEC, SOCK_NONBLOCK), 0)
        guard descriptor >= 0 else { throw .system("socket for \(address)", errno) }
        var file: FileIdentity?
        do throws(FastCGIError) {
            try setOptions(descriptor, address)
            // Only before the socket is bound; one that was handed over stays as its unit says.
            if case .ipv6 = address { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            guard sockaddr.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                let number = errno
                throw FastCGIError(number == EADDRINUSE ? .inUse : .system, "bind to \(address)", number: number)
            }
            if case .unix(let path) = address {
                file = FileIdentity(path: path)
                try setAccess(path, options)
            }
            guard listen(descriptor, options.backlog) == 0 else {
                throw FastCGIError.system("listen on \(address)", errno)
            }
        } catch {
            if file != nil, case .unix(let path) = address { unlink(path) }
            _ = Glibc.close(descriptor)
            throw error
        }
        return ListenSocket(descriptor: descriptor, address: boundAddress(descriptor) ?? address, file: file)
    }

    static func streamType(_ flags: __socket_type...) -> Int32 {
        Int32(truncatingIfNeeded: flags.reduce(SOCK_STREAM.rawValue) { $0 | $1.rawValue })
    }

    static func boundAddress(_ descriptor: Int32) -> ListenAddress? {
        var name = SocketAddress()
        guard name.fill({ getsockname(descriptor, $0, $1) }) == 0 else { return nil }
        return name.listenAddress
    }

    /// Unread requests lie in the socket until they are whole (the gate peeks), so the buffers must hold a large one.
    /// Accepted connections inherit all of these.
    static func setOptions(_ descriptor: Int32, _ address: ListenAddress) throws(FastCGIError) {
        if case .unix = address { return }
        try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        try set(descriptor, SOL_SOCKET, SO_RCVBUF, 1 << 20)
        try set(descriptor, SOL_SOCKET, SO_SNDBUF, 1 << 20)
        try set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    private static func set(
        _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32
    ) throws(FastCGIError) {
        var value = value
        guard setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .system("setsockopt \(level)/\(name)", errno)
        }
    }
}
