internal import EventLoop

/// One server as its users see it: a connection that is kept up, and commands over it. Loop thread only.
///
/// It lives until ``stop()``: closures hold it, not weakly, which would cost each command. Commands that come while the
/// first attempt to connect is under way wait for it within their deadlines; once that has failed they are refused at
/// once until the connection is there.
// @unchecked: all state is touched on the loop's thread only.
final class RedisNode: @unchecked Sendable {
    let loop: EventLoop
    /// As in a log line.
    let name: String
    /// Called when it was lost, and after each attempt that failed, with the address that it led to.
    var onDown: ((RedisError, RedisAddress?) -> Void)?

    private let configuration: RedisConfiguration
    private let metrics: RedisMetrics
    private let link: RedisLink
    private let commandDeadline: UInt64
    private var connection: RedisConnection?
    private var waiting = WaitingCommands()
    private var waitTimer: LoopTimer?
    private var healthTimer: LoopTimer?
    private var lastTicket: UInt64 = 0
    /// The last ticket when the health was last looked at, and how long until the next time.
    private var checkedTicket: UInt64 = 0
    private var healthPause = Duration.zero

    /// How seldom a connection is asked for its health that nobody uses, in intervals.
    private static let restingIntervals = 16

    init(
        loop: EventLoop, name: String, configuration: RedisConfiguration, topology: any RedisTopology,
        metrics: RedisMetrics, log: RedisLog
    ) {
        self.loop = loop
        self.name = name
        self.configuration = configuration
        self.metrics = metrics
        commandDeadline = configuration.commandDeadline.nanoseconds
        link = RedisLink(loop: loop, name: name, configuration: configuration, topology: topology, log: log)
    }

    /// Whether commands are being sent.
    var isConnected: Bool { connection?.isOpen ?? false }
    /// Where the connection leads to, while there is one.
    var address: RedisAddress? { connection?.address }
    /// Whether the last attempt to connect has failed.
    var isInTrouble: Bool { !isConnected && link.state != .idle && link.state != .connecting(isFirst: true) }
    var pending: Int { connection?.pending.count ?? 0 }
    /// Nanoseconds since the command was sent whose reply is next.
    var oldestWait: UInt64 { connection?.pending.first.map { loop.now &- $0.sent } ?? 0 }
    var waitingCount: Int { waiting.count }
    var reconnects: Int { link.reconnects }
    var lastError: RedisError? { link.lastError }

    /// Begins to connect; a second call does nothing.
    func start() {
        guard link.state == .idle else { return }
        link.onUp = { connection in self.connected(connection) }
        link.onDown = { reason in self.disconnected(reason) }
        link.start()
    }

    /// Ends the connection and all attempts; commands fail from now on.
    func stop() {
        healthTimer?.cancel()
        healthTimer = nil
        onDown = nil
        link.stop()
    }

    /// Ends it as soon as nothing can be on its way any more; nobody uses it from now on.
    func retire() {
        onDown = nil
        loop.schedule(after: configuration.commandDeadline) { self.stop() }
    }

    /// Sends a command and waits for its reply. The isolation is the loop's: it keeps the closures there, whatever the
    /// task prefers.
    ///
    /// With `asking`, `ASKING` goes before it, right on the same connection.
    func send(
        _ arguments: [RedisArgument], asking: Bool = false, deadline: UInt64, isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        let ticket = nextTicket()
        return await withTaskCancellationHandler {
            _ = isolation
            return await withUnsafeContinuation { waiter in
                submit(arguments, asking: asking, ticket: ticket, deadline: deadline, waiter: waiter)
            }
        } onCancel: {
            // Always later than submit: that one runs on the loop without a pause.
            loop.execute { self.abandon(ticket) }
        }
    }

    /// A number for a command, and the one before it for its ASKING; they rise from command to command.
    func nextTicket() -> UInt64 {
        lastTicket &+= 2
        return lastTicket
    }

    /// Sends a command, or lets it wait for the connection, or refuses it.
    func submit(
        _ arguments: [RedisArgument], asking: Bool, ticket: UInt64, deadline: UInt64, waiter: ReplyWaiter
    ) {
        if let connection, connection.isOpen {
            if asking { connection.send(["ASKING"], ticket: ticket &- 1, deadline: deadline, waiter: nil) }
            return connection.send(arguments, ticket: ticket, deadline: deadline, waiter: waiter)
        }
        start()
        guard case .connecting(isFirst: true) = link.state else {
            let reason = link.lastError ?? RedisError(.unavailable, "not connected to \(name)")
            return waiter.resume(returning: .failure(reason.notSent))
        }
        guard waiting.count < configuration.maxPending else {
            return waiter.resume(
                returning: .failure(RedisError(.overloaded, "too many commands wait for the connection")))
        }
        waiting.append(
            .init(ticket: ticket, arguments: arguments, asking: asking, deadline: deadline, waiter: waiter))
        if waitTimer == nil { armWaitTimer(deadline) }
    }

    private func connected(_ connection: RedisConnection) {
        self.connection = connection
        metrics.connected()
        connection.onReplies = { [metrics] count, errors, nanoseconds in
            metrics.replied(count, errors: errors, nanoseconds: nanoseconds)
        }
        waitTimer?.cancel()
        waitTimer = nil
        endExpired()
        for command in waiting.removeAll() {
            if command.asking {
                connection.send(["ASKING"], ticket: command.ticket &- 1, deadline: command.deadline, waiter: nil)
            }
            connection.send(
                command.arguments, ticket: command.ticket, deadline: command.deadline, waiter: command.waiter)
        }
        healthPause = shortestHealthPause(connection.address)
        checkHealth()
    }

    private func disconnected(_ reason: RedisError) {
        let address = connection?.address
        connection = nil
        healthTimer?.cancel()
        healthTimer = nil
        onDown?(reason, address)
        if case .connecting(isFirst: true) = link.state { return }
        waitTimer?.cancel()
        waitTimer = nil
        for command in waiting.removeAll() { command.waiter.resume(returning: .failure(reason.notSent)) }
    }

    /// Stops waiting for a command.
    func abandon(_ ticket: UInt64) {
        if let command = waiting.remove(ticket) {
            command.waiter.resume(returning: .failure(RedisError(.cancelled, "the task was cancelled")))
        } else {
            _ = connection?.abandon(ticket)
        }
    }

    private func armWaitTimer(_ deadline: UInt64) {
        let delay = Duration.nanoseconds(Int64(clamping: deadline &- min(deadline, loop.now)))
        waitTimer = loop.schedule(after: delay) { [self] in
            waitTimer = nil
            endExpired()
            if let next = waiting.firstDeadline { armWaitTimer(next) }
        }
    }

    private func endExpired() {
        let late = RedisError(.unavailable, "no connection to \(name) in time")
        for command in waiting.removeExpired(now: loop.now) { command.waiter.resume(returning: .failure(late)) }
    }

    private var longestHealthPause: Duration { configuration.healthInterval * Self.restingIntervals }

    /// On a Unix socket nothing is lost on the way, and a server that has died has closed it; only one that hangs is to
    /// be found out.
    private func shortestHealthPause(_ address: RedisAddress) -> Duration {
        if case .unix = address { return longestHealthPause }
        return configuration.healthInterval
    }

    /// Asks a silent connection now and then whether it still lives, each time after twice as long, so that an idle
    /// process sleeps. One that has carried commands meanwhile is not asked: those have deadlines of their own.
    private func checkHealth() {
        healthTimer = loop.schedule(after: healthPause) { [self] in
            guard let connection, connection.isOpen else { return }
            if lastTicket == checkedTicket, connection.pending.count == 0 {
                connection.askHealth(deadline: loop.now &+ commandDeadline)
                healthPause = min(healthPause * 2, longestHealthPause)
            }
            checkedTicket = lastTicket
            checkHealth()
        }
    }
}
