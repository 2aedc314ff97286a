internal import EventLoop
internal import FastCGI
internal import Glibc
internal import Logging

/// The private socket on which `customersctl` talks to the daemon.
///
/// Mode 0600, and only root and the daemon's own user are listened to. Everything is bounded: connections, bytes and
/// time; nothing on the loop ever waits. A socket that cannot be opened costs the daemon nothing but this: it goes on
/// serving and tries again.
actor ControlServer {
    typealias Handler = @Sendable (ControlRequest) async -> ControlReply

    private let path: String
    private let configuration: String
    private let loop: EventLoop
    private let logger: Logger
    private let isAllowed: @Sendable (UInt32) -> Bool
    private let handler: Handler
    private var listener: ListenSocket?
    private var listening: DescriptorWatch?
    private var retry: LoopTimer?
    private var connections: [Int32: ControlConnection] = [:]
    private var served: UInt64 = 0
    private var hasComplained = false
    private var isStopped = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// More are closed at once.
    static let maximumConnections = 16
    /// For the whole of a connection.
    private static let deadline = Duration.seconds(15)
    /// While another daemon, which drains, still has the path.
    private static let retryInterval = Duration.seconds(1)

    /// Makes a server that does not listen yet, for a daemon with this configuration file; `isAllowed` says which users
    /// are listened to.
    init(
        path: String, configuration: String, loop: EventLoop, logger: Logger,
        isAllowed: @escaping @Sendable (UInt32) -> Bool = { PeerUser.isAllowed($0) }, handler: @escaping Handler
    ) {
        self.path = path
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        self.isAllowed = isAllowed
        self.handler = handler
    }

    /// Listens, now or as soon as it is possible.
    func start() {
        guard listener == nil, !isStopped else { return }
        do {
            let listener = try ListenSocket.open(
                .unix(path: path), options: ListenOptions(backlog: 16, mode: 0o600))
            listening = try loop.watch(listener.descriptor, .read) { _ in self.assumeIsolated { $0.accept() } }
            self.listener = listener
        } catch {
            if !hasComplained {
                hasComplained = true
                logger.warning(
                    "the control socket cannot be opened; customersctl status will not work",
                    metadata: ["path": "\(path)", "error": "\(error)"])
            }
            retry = loop.schedule(after: Self.retryInterval) { self.assumeIsolated { $0.start() } }
        }
    }

    /// Closes everything, and removes the socket: the next daemon can have it.
    func stop() {
        isStopped = true
        retry?.cancel()
        listening?.cancel()
        listening = nil
        listener?.close()
        listener = nil
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func accept() {
        guard let listener else { return }
        while true {
            let descriptor = Glibc.accept(listener.descriptor, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                // EAGAIN, or out of descriptors: a level-triggered watch comes back.
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            guard connections.count < Self.maximumConnections, let user = PeerUser.id(of: descriptor), isAllowed(user)
            else {
                _ = close(descriptor)
                continue
            }
            serve(descriptor)
        }
    }

    private func serve(_ descriptor: Int32) {
        served &+= 1
        let connection = ControlConnection(descriptor: descriptor, number: served)
        connection.timer = loop.schedule(after: Self.deadline) { self.assumeIsolated { $0.end(descriptor) } }
        connections[descriptor] = connection
        do {
            connection.watch = try loop.watch(descriptor, .read) { _ in
                self.assumeIsolated { $0.readable(descriptor) }
            }
        } catch {
            end(descriptor)
        }
    }

    private func readable(_ descriptor: Int32) {
        guard let connection = connections[descriptor] else { return }
        switch connection.read() {
        case .more: return
        case .end: end(descriptor)
        case .line(let line):
            // No more is read; whoever leaves early is noticed when the answer is written.
            connection.watch?.cancel()
            let number = connection.number
            Task(executorPreference: loop) { await self.answer(line, on: descriptor, number) }
        }
    }

    private func answer(_ line: [UInt8], on descriptor: Int32, _ number: UInt64) async {
        let reply: ControlReply
        do throws(ControlFault) {
            let message = try ControlMessage(line: line)
            try message.demandAddressee(configuration)
            reply = await handler(message.request)
        } catch {
            reply = .failure(error.text)
        }
        // It may have run out of time meanwhile, and its descriptor may be another's.
        guard let connection = connections[descriptor], connection.number == number else { return }
        connection.reply(reply.line)
        write(connection)
    }

    private func write(_ connection: ControlConnection) {
        let descriptor = connection.descriptor
        guard connections[descriptor] === connection else { return }
        guard connection.write() == .more else { return end(descriptor) }
        connection.watch = try? loop.watch(descriptor, .write) { _ in
            self.assumeIsolated { server in
                if let connection = server.connections[descriptor] { server.write(connection) }
            }
        }
        if connection.watch == nil { end(descriptor) }
    }

    private func end(_ descriptor: Int32) {
        connections.removeValue(forKey: descriptor)?.close()
    }
}
