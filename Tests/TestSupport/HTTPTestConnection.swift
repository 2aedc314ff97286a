internal import EventLoop
internal import Glibc

/// Bytes to and from a server, on the test clients' loop. Confined to that loop.
// @unchecked: everything here is touched on the loop only.
final class HTTPTestConnection: @unchecked Sendable {
    /// Called with what arrived.
    var onBytes: ([UInt8]) -> Void = { _ in }
    /// Called once: nil when the server closed in order, else what went wrong.
    var onEnd: (HTTPTestError?) -> Void = { _ in }

    private let loop: EventLoop
    private let server: HTTPTestServerAddress
    private var descriptor: Int32 = -1
    private var watch: DescriptorWatch?
    private var output: [UInt8] = []
    private var sent = 0
    private var isConnected = false
    private var isEnded = false

    init(_ server: HTTPTestServerAddress, loop: EventLoop) {
        self.server = server
        self.loop = loop
    }

    func start() {
        let family = if case .unix = server { AF_UNIX } else { AF_INET }
        descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return end(.failed("socket", errno)) }
        tryToConnect()
    }

    func send(_ bytes: [UInt8]) {
        output += bytes
        if isConnected { flush() }
    }

    /// Closes at once; nothing is called any more.
    func close() {
        onEnd = { _ in }
        end(nil)
    }

    /// Says that nothing more is to come.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func tryToConnect() {
        guard !isEnded else { return }
        let code = withAddress { connect(descriptor, $0, $1) == 0 ? 0 : errno }
        switch code {
        case 0: connected()
        case EINPROGRESS:
            watch = try? loop.watch(descriptor, .write) { [self] _ in
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                code == 0 ? connected() : end(.failed("connect", code))
            }
        // A Unix socket whose backlog is full.
        case EAGAIN: loop.schedule(after: .milliseconds(5)) { [self] in tryToConnect() }
        default: end(.failed("connect", code))
        }
    }

    private func connected() {
        isConnected = true
        flush()
    }

    private func flush() {
        guard !isEnded else { return }
        while sent < output.count {
            let count = output.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return listen(for: [.read, .write]) }
            // A server that does not want the rest of a body has perhaps answered already.
            guard count > 0 else { break }
            sent += count
        }
        output = []
        sent = 0
        listen(for: .read)
    }

    private func listen(for events: DescriptorEvents) {
        watch?.cancel()
        watch = try? loop.watch(descriptor, events) { [self] happened in
            if happened.contains(.read) { read() }
            if happened.contains(.write) { flush() }
        }
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isEnded {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            if count == 0 { return end(nil) }
            guard count > 0 else { return end(.failed("read", errno)) }
            onBytes(Array(buffer.prefix(count)))
        }
    }

    private func end(_ error: HTTPTestError?) {
        guard !isEnded else { return }
        isEnded = true
        watch?.cancel()
        watch = nil
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        onEnd(error)
        onEnd = { _ in }
        onBytes = { _ in }
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        switch server {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            return Self.asGeneric(&address, body)
        case .tcp(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return Self.asGeneric(&address, body)
        }
    }

    private static func asGeneric<Address>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }
}
