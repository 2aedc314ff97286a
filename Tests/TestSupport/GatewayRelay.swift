internal import Glibc
internal import Synchronization

/// A relay in front of a port of 127.0.0.1, or of a Unix socket, that can be cut and mended: for clients the server
/// goes away and comes back, while the server itself keeps what it knows. A filter can stop it at a certain call.
public final class GatewayRelay: Sendable {
    /// What becomes of bytes.
    public enum Verdict: Sendable {
        /// They are passed on.
        case pass
        /// They and all that follow in this direction are lost; the connection stays open.
        case swallow
        /// All connections end before these bytes are passed on, as with ``GatewayRelay/cut()``.
        case cut
    }

    /// Looks at what is sent in one go on a connection, the client's or, with `isAnswer`, the server's bytes.
    public typealias Filter = @Sendable (_ bytes: ArraySlice<UInt8>, _ connection: Int32, _ isAnswer: Bool) -> Verdict

    /// The port that clients use.
    public let port: UInt16
    private let target: Target
    private let filter: Filter?
    private let state = Mutex(State())
    /// Bound and never listening: keeps the port from others while the relay is cut.
    private let placeholder: Int32

    private struct State: Sendable {
        var listener: Int32 = -1
        var connections: Set<Int32> = []
    }

    private enum Target: Sendable {
        case port(UInt16)
        case socket(String)
    }

    /// Where clients connect.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Listens on a free port.
    public convenience init(to port: UInt16, filter: Filter? = nil) throws {
        try self.init(.port(port), filter)
    }

    /// Listens on a free port, in front of the socket at `path`.
    public convenience init(toSocket path: String, filter: Filter? = nil) throws {
        try self.init(.socket(path), filter)
    }

    private init(_ target: Target, _ filter: Filter?) throws {
        self.target = target
        self.filter = filter
        (placeholder, port) = try Self.bind(port: 0)
        try mend()
    }

    deinit {
        cut()
        close(placeholder)
    }

    /// Ends all connections; new ones are refused from now on.
    public func cut() {
        state.withLock { state in
            // The threads that use them close them.
            if state.listener >= 0 { shutdown(state.listener, Int32(SHUT_RDWR)) }
            state.listener = -1
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    /// Takes connections again.
    public func mend() throws {
        let (listener, _) = try Self.bind(port: port)
        guard listen(listener, 1_024) == 0 else { throw ChildProcessError.failed("listen", errno) }
        state.withLock { $0.listener = listener }
        BackgroundThread.start { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else {
                    close(listener)
                    return
                }
                serve(client)
            }
        }
    }

    /// Says something to all clients in the server's name that none has asked for; it has arrived when this returns.
    public func say(_ text: String) async {
        let bytes = Array(text.utf8)
        let connections = state.withLock { state in
            for connection in state.connections { _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
            return state.connections
        }
        for connection in connections { await SocketDelivery.wait(for: connection) }
    }

    private func serve(_ client: Int32) {
        guard let server = connected() else {
            close(client)
            return
        }
        // Or what is said would wait for the receipt of what was said before, which comes with the next request.
        var one: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        state.withLock { _ = $0.connections.insert(client) }
        let pending = Mutex(2)
        let finish = Finish { [weak self] in
            let isLast = pending.withLock { count in
                count -= 1
                return count == 0
            }
            guard isLast else { return }
            self?.state.withLock { _ = $0.connections.remove(client) }
            close(client)
            close(server)
        }
        for (from, to) in [(client, server), (server, client)] {
            BackgroundThread.start { [weak self, filter] in
                Self.pump(from, to) { bytes in
                    let verdict = filter?(bytes, client, from == server) ?? .pass
                    if verdict == .cut { self?.cut() }
                    return verdict
                }
                finish.body()
            }
        }
    }

    private func connected() -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let (server, result): (Int32, Int32)
        switch target {
        case .port(let port):
            server = socket(AF_INET, type, 0)
            result = Self.withAddress(port) { connect(server, $0, $1) }
        case .socket(let path):
            server = socket(AF_UNIX, type, 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard result == 0 else {
            close(server)
            return nil
        }
        return server
    }

    private struct Finish: Sendable { let body: @Sendable () -> Void }

    private static func pump(_ from: Int32, _ to: Int32, _ judge: (ArraySlice<UInt8>) -> Verdict) {
        var verdict = Verdict.pass
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { break }
            var rest = buffer.prefix(count)
            if verdict == .pass { verdict = judge(rest) }
            guard verdict == .pass else { continue }
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard sent > 0 else { break }
                rest = rest.dropFirst(sent)
            }
        }
        shutdown(to, Int32(SHUT_WR))
        shutdown(from, Int32(SHUT_RD))
    }

    private static func bind(port: UInt16) throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw ChildProcessError.failed("bind", errno)
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
