internal import Glibc

extension ListenSocket {
    /// A listening socket that the service manager opened.
    ///
    /// Its path belongs to the service manager and is not unlinked; the manager goes on listening when this process
    /// closes it, so connections that wait in its queue are not lost.
    ///
    /// - Throws: ``FastCGIError`` with code `badInheritance` when the descriptor is no listening stream socket.
    convenience init(inherited descriptor: Int32) throws(FastCGIError) {
        guard Self.number(descriptor, SO_TYPE) == Self.streamType(), Self.number(descriptor, SO_ACCEPTCONN) == 1,
            let address = Self.boundAddress(descriptor)
        else {
            throw FastCGIError(
                .badInheritance, "descriptor \(descriptor), which was handed over, is no listening socket")
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw FastCGIError.system("fcntl", errno)
        }
        try Self.setOptions(descriptor, address)
        self.init(descriptor: descriptor, address: address, file: nil, isInherited: true)
    }

    /// Whether a descriptor is a socket that takes connections.
    static func isListening(_ descriptor: Int32) -> Bool { number(descriptor, SO_ACCEPTCONN) == 1 }

    private static func number(_ descriptor: Int32, _ option: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 ? value : nil
    }
}
