internal import EventLoop
internal import Glibc
internal import Synchronization

// @unchecked: connections are touched on the server's own loop only, the journal is behind a mutex.
/// A server on raw sockets that answers what the test tells it to, right or wrong, on a port the kernel chose.
public final class ScriptedHTTPServer: @unchecked Sendable {
    /// Decides on the answer; called on the server's loop.
    public typealias Script = @Sendable (ScriptedHTTPRequest) -> ScriptedHTTPAnswer

    /// Why it could not start.
    public struct CannotListen: Error {
        /// The system's number.
        public var code: Int32
    }

    /// `http://127.0.0.1:` and the port.
    public let url: String

    private let loops: RunningLoops
    private let listener: Int32
    private let script: Script
    private let journal = Mutex<[ScriptedHTTPRequest]>([])
    private var connections: [Int: ScriptedHTTPConnection] = [:]
    private var accepted = 0
    private var watch: DescriptorWatch?

    /// Starts listening on the loopback address.
    public init(_ script: @escaping Script) throws {
        loops = try RunningLoops()
        self.script = script
        listener = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 4_096) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw CannotListen(code: errno) }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        loops.loop.execute { [weak self] in
            guard let self else { return }
            watch = try? loops.loop.watch(listener, .read) { [weak self] _ in self?.acceptAll() }
        }
    }

    deinit {
        let listener = listener
        // Nobody else refers to them, so the loop may have them.
        nonisolated(unsafe) let (watch, connections) = (watch, connections)
        let loops = loops
        loops.loop.execute {
            watch?.cancel()
            close(listener)
            for connection in connections.values { connection.end(.close) }
            _ = loops
        }
    }

    /// All requests so far, in the order in which they were complete.
    public var requests: [ScriptedHTTPRequest] { journal.withLock { $0 } }

    /// The requests for a route of Rocket.Chat's.
    public func requests(for route: String) -> [ScriptedHTTPRequest] { requests.filter { $0.route == route } }

    /// Sends what nobody asked for; it has arrived when this returns. Nothing happens when the connection has gone.
    public func send(_ answer: ScriptedHTTPAnswer, onConnection number: Int) async {
        let descriptor = await withCheckedContinuation { continuation in
            loops.loop.execute { [weak self] in
                let connection = self?.connections[number]
                connection?.send(answer)
                continuation.resume(returning: connection?.descriptor)
            }
        }
        if answer.ending == .keep, let descriptor { await SocketDelivery.wait(for: descriptor) }
    }

    /// Refuses connections from now on; those that there are stay.
    public func stopListening() async {
        await withCheckedContinuation { continuation in
            loops.loop.execute { [weak self] in
                if let self {
                    watch?.cancel()
                    shutdown(listener, Int32(SHUT_RDWR))
                }
                continuation.resume()
            }
        }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            // A child process of another test that had it as well would keep a closed connection open.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            let number = accepted
            accepted += 1
            let connection = ScriptedHTTPConnection(descriptor: descriptor, loop: loops.loop)
            connection.onEnd = { [weak self] in self?.connections[number] = nil }
            connection.answer = { [weak self] request in self?.answer(request, connection: number) ?? .reset }
            connections[number] = connection
            connection.start()
        }
    }

    private func answer(_ request: ScriptedHTTPRequest, connection: Int) -> ScriptedHTTPAnswer {
        var request = request
        request.connection = connection
        request.number = journal.withLock { journal in
            request.number = journal.count
            journal.append(request)
            return journal.count - 1
        }
        return script(request)
    }
}
