internal import EventLoop
internal import FastCGIProtocol
internal import Glibc
internal import HTTPMessage
internal import Logging
internal import Synchronization

/// One loop's share of a server: its connections and what they have in common. Loop thread only, but for ``counters``.
// @unchecked: all mutable state is touched on the loop's thread only.
final class FastCGIWorker: @unchecked Sendable {
    let loop: EventLoop
    let arrivals: Bell
    let listeners: [ListenSocket]
    let configuration: FastCGIConfiguration
    let atOnce: FastCGIServer.ImmediateHandler
    let handler: FastCGIServer.Handler
    let logger: Logger
    let counters = WorkerCounters()
    /// How connections are taken; tests put failures here.
    let accept: @Sendable (Int32) -> Int32

    /// Where sockets are peeked into, one connection at a time.
    let scratch: UnsafeMutableRawBufferPointer
    var gate: FastCGIGate
    let codec = FastCGICodec()
    var head = ResponseHead()
    var requestIDs = RequestIDGenerator()
    private(set) var connections: [Int32: FastCGIConnection] = [:]
    /// Handlers that have not returned, also those whose peer has left.
    private(set) var inFlight = 0
    private(set) var isShutDown = false
    private var sweeping: LoopTimer?
    private var deadlines = DeadlineWatch()
    private let idleSlack: UInt64
    private let busySlack: UInt64
    private var nextWarning: UInt64 = 0

    // Accepting (FastCGIWorker+Accept.swift).
    var listenWatches: [DescriptorWatch] = []
    var acceptPause: LoopTimer?
    var spare: Int32 = -1
    var wasExhausted = false
    var siblings: [FastCGIWorker] = []

    // Draining (FastCGIWorker+Drain.swift).
    var isDraining = false
    /// Whether the drain gives kept connections away instead of closing them.
    var handsOver = false
    var released: [Int32] = []
    var drainEnded: ((DrainOutcome) -> Void)?
    var drainTimer: LoopTimer?
    var drainDeadline: UInt64 = 0
    var lastActivity: UInt64 = 0

    init(
        loop: EventLoop, arrivals: Bell, listeners: [ListenSocket], configuration: FastCGIConfiguration,
        logger: Logger, accept: @escaping @Sendable (Int32) -> Int32, atOnce: @escaping FastCGIServer.ImmediateHandler,
        handler: @escaping FastCGIServer.Handler
    ) {
        self.loop = loop
        self.arrivals = arrivals
        self.listeners = listeners
        self.configuration = configuration
        self.logger = logger
        self.accept = accept
        self.atOnce = atOnce
        self.handler = handler
        idleSlack = DeadlineWatch.slack(configuration.idleTimeout.nanoseconds, isIdle: true)
        busySlack = DeadlineWatch.slack(
            min(configuration.requestDeadline, configuration.answerDeadline).nanoseconds)
        gate = FastCGIGate(limits: configuration.gate)
        scratch = .allocate(byteCount: max(4_096, configuration.gate.requestLength), alignment: 16)
    }

    deinit {
        scratch.deallocate()
        if spare >= 0 { close(spare) }
    }

    // MARK: Connections

    func add(_ connection: FastCGIConnection) {
        connections[connection.descriptor] = connection
    }

    func remove(_ connection: FastCGIConnection) {
        guard connections[connection.descriptor] === connection else { return }
        connections[connection.descriptor] = nil
        counters.connections.wrappingSubtract(1, ordering: .relaxed)
        if isDraining { endDrainIfDone() }
    }

    /// Closes everything, answered or not.
    func shutDown() {
        isShutDown = true
        stopAccepting()
        siblings = []
        for connection in Array(connections.values) { connection.cut() }
        sweeping?.cancel()
        drainTimer?.cancel()
    }

    // MARK: Requests

    func handlerBegan() {
        inFlight &+= 1
        counters.inFlight.store(inFlight, ordering: .relaxed)
    }

    func handlerEnded() {
        inFlight &-= 1
        counters.inFlight.store(inFlight, ordering: .relaxed)
        if isDraining { endDrainIfDone() }
    }

    /// Counts a refusal and says so in the log: at most one warning in ten seconds, the others at debug.
    func note(_ reason: String) {
        counters.refuse(reason)
        let now = loop.now
        let level: Logger.Level = now >= nextWarning ? .warning : .debug
        if level == .warning { nextWarning = now &+ 10_000_000_000 }
        logger.log(level: level, "FastCGI request refused", metadata: ["reason": "\(reason)", "loop": "\(loop.name)"])
    }

    // MARK: Deadlines

    /// A deadline for the peer to send or take something, from now on. One timer minds those of all connections.
    func deadline(after duration: Duration) -> UInt64 {
        let nanoseconds = duration.nanoseconds
        return mind(loop.now &+ nanoseconds, slack: DeadlineWatch.slack(nanoseconds))
    }

    /// A deadline for the peer to ask for something.
    func idleDeadline() -> UInt64 { mind(loop.now &+ configuration.idleTimeout.nanoseconds, slack: idleSlack) }

    private func mind(_ deadline: UInt64, slack: UInt64) -> UInt64 {
        if deadlines.mind(deadline, slack: slack) { setTimer() }
        return deadline
    }

    private func setTimer() {
        sweeping?.cancel()
        guard let due = deadlines.due, !isShutDown else { return }
        let now = loop.now
        sweeping = loop.schedule(after: .nanoseconds(due > now ? due &- now : 0)) { [weak self] in self?.sweep() }
    }

    /// Walks along all connections. That is seldom: most deadlines are over before they are due.
    private func sweep() {
        deadlines.look()
        let now = loop.now
        let due = connections.values.filter { $0.deadline != 0 && $0.deadline <= now }
        for connection in due { connection.expire() }
        for connection in connections.values where connection.deadline != 0 {
            _ = deadlines.mind(connection.deadline, slack: connection.isIdle ? idleSlack : busySlack)
        }
        setTimer()
    }
}

extension Duration {
    /// Whole nanoseconds; negative durations are 0, very long ones 292 years.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 9_000_000_000)) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
    }
}
