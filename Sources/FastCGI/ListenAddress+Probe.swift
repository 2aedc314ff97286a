internal import Glibc

extension ListenAddress {
    /// Connects and hangs up, to see whether anybody listens. Waits for 2 s at most.
    ///
    /// - Throws: ``FastCGIError`` with the system's reason.
    public func probe() throws(FastCGIError) {
        let name = SocketAddress(self)
        let descriptor = socket(name.family, ListenSocket.streamType(SOCK_CLOEXEC), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        defer { _ = close(descriptor) }
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard name.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            throw .system("connect to \(self)", errno)
        }
    }
}
