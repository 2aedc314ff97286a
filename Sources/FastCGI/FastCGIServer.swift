internal import CFCGI
public import EventLoop
internal import Glibc
public import HTTPMessage
public import Logging
internal import Synchronization

/// Serves FastCGI requests on listening sockets with several loops (DESIGN.md section 4). From any thread.
///
/// Each loop accepts, checks, parses and answers on its own; nothing is shared but the listening descriptors. Released
/// without ``drain(deadline:)`` it closes its connections.
public final class FastCGIServer: Sendable {
    /// Answers a request. It runs on the given loop, in a task that is cancelled when the peer leaves a request without
    /// effects (GET, HEAD, OPTIONS) or a drain runs out of time.
    public typealias Handler = @Sendable (_ request: HTTPRequest, _ loop: EventLoop) async -> HTTPResponse

    /// Answers a request at once, on the given loop, or says nil when that takes a suspension. It saves the task that a
    /// ``Handler`` runs in.
    public typealias ImmediateHandler = @Sendable (_ request: HTTPRequest, _ loop: EventLoop) -> HTTPResponse?

    private let workers: [FastCGIWorker]
    private let listeners: [ListenSocket]
    private let peers: PeerPolicy
    private let arrivals = Bell()

    /// Makes a server; nothing is accepted before ``start()``.
    ///
    /// - Parameters:
    ///   - loops: the loops to serve on, running or to be run.
    ///   - listeners: the sockets; the server closes them when it drains.
    ///   - configuration: limits and deadlines.
    ///   - logger: gets refusals and failures to accept.
    ///   - atOnce: asked first; it must not block.
    ///   - handler: answers the requests that `atOnce` does not.
    /// - Throws: ``FastCGIError`` when libfcgi cannot be initialised.
    public convenience init(
        loops: [EventLoop], listeners: [ListenSocket], configuration: FastCGIConfiguration = FastCGIConfiguration(),
        logger: Logger = Logger(label: "fastcgi"), atOnce: @escaping ImmediateHandler = { _, _ in nil },
        handler: @escaping Handler
    ) throws(FastCGIError) {
        try self.init(
            loops: loops, listeners: listeners, configuration: configuration, logger: logger,
            accept: Self.accept, atOnce: atOnce, handler: handler)
    }

    /// Takes a connection, non-blocking and closed on exec; -1 and `errno` when there is none.
    @Sendable private static func accept(_ listener: Int32) -> Int32 {
        customers_accept4(listener, nil, nil, Int32(bitPattern: SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    }

    init(
        loops: [EventLoop], listeners: [ListenSocket], configuration: FastCGIConfiguration, logger: Logger,
        accept: @escaping @Sendable (Int32) -> Int32, atOnce: @escaping ImmediateHandler = { _, _ in nil },
        handler: @escaping Handler
    ) throws(FastCGIError) {
        try FastCGILibrary.initialize()
        self.listeners = listeners
        peers = configuration.peers
        workers = loops.map { [arrivals] in
            FastCGIWorker(
                loop: $0, arrivals: arrivals, listeners: listeners, configuration: configuration, logger: logger,
                accept: accept, atOnce: atOnce, handler: handler)
        }
    }

    deinit {
        for worker in workers { worker.loop.execute { worker.shutDown() } }
    }

    /// Starts accepting on all loops, as soon as each of them runs.
    public func start() {
        for worker in workers {
            worker.loop.execute { [workers] in
                worker.siblings = workers
                worker.startAccepting()
            }
        }
    }

    /// Takes over connections that a former process released; a request that has come on one of them is answered. Who
    /// may not connect any more is left out.
    ///
    /// - Parameter descriptors: kept connections; they are the server's from now on.
    public func adopt(_ descriptors: [Int32]) {
        for (index, descriptor) in descriptors.enumerated() {
            guard peers.allows(descriptor, on: ListenSocket.boundAddress(descriptor)) else {
                _ = close(descriptor)
                continue
            }
            let worker = workers[index % workers.count]
            worker.counters.connections.wrappingAdd(1, ordering: .relaxed)
            worker.loop.execute { worker.admit(descriptor) }
        }
    }

    /// Stops accepting and closes the listening sockets, waits for the requests in flight, then closes all connections.
    ///
    /// - Parameter deadline: when requests still in flight are cut.
    /// - Returns: the number of requests cut.
    public func drain(deadline: Duration = .seconds(10)) async -> Int {
        await drain(deadline: deadline, handsOver: false).cut
    }

    /// As ``drain(deadline:)``, but kept connections are released instead of closed, each as soon as it lies between
    /// two requests, for another process to ``adopt(_:)``.
    ///
    /// - Parameter deadline: when requests still in flight are cut.
    /// - Returns: the number of requests cut, and the connections.
    public func handOver(deadline: Duration = .seconds(10)) async -> DrainOutcome {
        await drain(deadline: deadline, handsOver: true)
    }

    private func drain(deadline: Duration, handsOver: Bool) async -> DrainOutcome {
        for worker in workers {
            await withCheckedContinuation { (stopped: CheckedContinuation<Void, Never>) in
                worker.loop.execute {
                    worker.prepareDrain(handsOver: handsOver)
                    stopped.resume()
                }
            }
        }
        for listener in listeners { listener.close() }
        return await withTaskGroup(of: DrainOutcome.self) { group in
            for worker in workers {
                group.addTask {
                    await withCheckedContinuation { (ended: CheckedContinuation<DrainOutcome, Never>) in
                        worker.loop.execute { worker.drain(deadline: deadline) { ended.resume(returning: $0) } }
                    }
                }
            }
            return await group.reduce(into: DrainOutcome()) { all, part in
                all.cut &+= part.cut
                all.released += part.released
            }
        }
    }

    /// Whether nobody is connected, so that no request can come before a connection.
    public var isQuiet: Bool { workers.allSatisfy { $0.load == 0 } }

    /// Connections and requests that have come so far: while it stays the same, nobody wants anything.
    public var arrivalCount: Int { workers.reduce(0) { $0 &+ $1.counters.arrivals } }

    /// Returns as soon as somebody connects or asks for something; at once when the count is another one already.
    ///
    /// - Parameter count: a former ``arrivalCount``.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func nextArrival(after count: Int) async throws {
        try await arrivals.wait { arrivalCount != count }
    }

    /// What all loops have done and are doing. Each number is right by itself; together they may be a moment apart.
    public var counts: FastCGICounts {
        workers.reduce(into: FastCGICounts()) { $0.add($1.counters.snapshot) }
    }
}
