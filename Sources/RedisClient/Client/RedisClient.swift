public import EventLoop
public import Logging

/// A Redis client on one event loop: connections that are kept up, and commands over them (DESIGN.md section 4).
///
/// There is one connection to a single server or to the master that Sentinel names, and one to each master of a
/// cluster. Commands of one turn of the loop go out together, and each gets its own reply or an error within its
/// deadline. When a deadline passes, the connection is dropped with everything on it and made anew in the background.
/// Call it from tasks on its loop; from elsewhere it works too, at the price of two hops. ``stop()`` it when it is no
/// longer needed.
public final class RedisClient: @unchecked Sendable {
    // @unchecked: wraps C objects that belong to the loop's thread; mutable state is touched there only, others hop.

    /// The loop that everything happens on.
    public let loop: EventLoop
    /// The settings it was made with.
    public let configuration: RedisConfiguration

    let log: RedisLog
    let topology: any RedisTopology
    let hop: LoopHop
    private let service: Service
    /// The same, where it is one server: looked at with every command.
    private let single: RedisNode?
    private let metrics = RedisMetrics()
    private let commandDeadline: UInt64
    let subscriptions = SubscriptionList()

    private enum Service {
        case single(RedisNode)
        case cluster(RedisCluster)
    }

    /// Makes a client that is not connected; ``start()`` or the first command begins to connect. From any thread.
    ///
    /// - Parameters:
    ///   - loop: where everything is to happen.
    ///   - configuration: which Redis, and how patient to be.
    ///   - log: shared by all clients of the program.
    public init(loop: EventLoop, configuration: RedisConfiguration, log: RedisLog) {
        self.loop = loop
        self.configuration = configuration
        self.log = log
        commandDeadline = configuration.commandDeadline.nanoseconds
        hop = LoopHop(loop: loop)
        if !configuration.endpoint.isLocal {
            log.warnOnce("Redis at \(configuration.endpoint) is reached without TLS: it belongs on a private network")
        }
        switch configuration.endpoint {
        case .unix(let path): topology = StandaloneTopology.unix(path: path)
        case .tcp(let host, let port):
            let names = HostAddresses(loop: loop, deadline: configuration.connectDeadline)
            topology = StandaloneTopology.tcp(RedisHost(host, port: port), names: names)
        case .sentinel(let hosts, let master):
            topology = SentinelTopology(loop: loop, configuration: configuration, sentinels: hosts, master: master)
        case .cluster(let seeds):
            let cluster = RedisCluster(
                loop: loop, configuration: configuration, seeds: seeds, metrics: metrics, log: log)
            topology = ClusterTopology(cluster: cluster)
            service = .cluster(cluster)
            single = nil
            Self.listen(to: service, for: subscriptions, topology)
            return
        }
        let node = RedisNode(
            loop: loop, name: configuration.endpoint.description, configuration: configuration, topology: topology,
            metrics: metrics, log: log)
        service = .single(node)
        single = node
        Self.listen(to: service, for: subscriptions, topology)
    }

    /// Makes the only client of a program; see ``init(loop:configuration:log:)``.
    public convenience init(loop: EventLoop, configuration: RedisConfiguration, logger: Logger) {
        self.init(loop: loop, configuration: configuration, log: RedisLog(logger))
    }

    deinit {
        loop.execute { [service, topology] in
            Self.stop(service)
            topology.stop()
        }
    }

    /// Begins to connect, in the background. From any thread; a second call does nothing.
    public func start() {
        loop.execute { [self] in begin() }
    }

    /// Ends the connections, all attempts and all subscriptions; commands fail from now on. From any thread.
    public func stop() {
        loop.execute { [self] in
            subscriptions.cancelAll()
            Self.stop(service)
            topology.stop()
        }
    }

    /// Sends a command and returns its reply.
    ///
    /// - Parameter arguments: the command's name and its arguments. Names that change the connection (`SUBSCRIBE`,
    ///   `SELECT`, `MULTI`, blocking commands) are refused; so are, in a cluster, keys in several slots, and commands
    ///   about one server's keys (`SCAN`, unless its pattern has a hash tag; see ``forEachMaster(_:)``).
    /// - Returns: the reply; an error reply is thrown.
    /// - Throws: ``RedisError``; after ``RedisError/Code/unavailable`` and ``RedisError/Code/timedOut``
    ///   ``RedisError/mayHaveRun`` says whether the command may have had its effect. A cancelled task does not take a
    ///   command back that is on its way. With Sentinel and in a cluster a command that did not run, or that only
    ///   reads, is sent once more within its deadline where that helps.
    public nonisolated(nonsending) func send(_ arguments: [RedisArgument]) async throws(RedisError) -> RedisReply {
        guard loop.inLoop else { return try await hop.send(arguments, to: .wherever, over: self).get() }
        return try await sendOnLoop(arguments, isolation: #isolation).get()
    }

    nonisolated(nonsending) func send(
        _ arguments: [RedisArgument], to destination: RedisDestination
    ) async throws(RedisError) -> RedisReply {
        guard loop.inLoop else { return try await hop.send(arguments, to: destination, over: self).get() }
        return try await sendOnLoop(arguments, to: destination, isolation: #isolation).get()
    }

    /// The client's condition now. On the loop; from elsewhere use ``currentStatus()``.
    public var status: RedisStatus {
        loop.checkIsolated()
        let nodes: [RedisNode]
        var isConnected = true
        var lastError: RedisError?
        switch service {
        case .single(let node): nodes = [node]
        case .cluster(let cluster):
            nodes = Array(cluster.nodes.values)
            isConnected = cluster.map?.isComplete ?? false
            lastError = cluster.lastError
        }
        return RedisStatus(
            isConnected: isConnected && nodes.allSatisfy(\.isConnected), endpoint: configuration.endpoint.description,
            servers: nodes.compactMap { $0.address?.description }, pending: nodes.reduce(0) { $0 + $1.pending },
            waiting: nodes.reduce(0) { $0 + $1.waitingCount }, reconnects: nodes.reduce(0) { $0 + $1.reconnects },
            lastError: (lastError ?? nodes.lazy.filter { !$0.isConnected }.compactMap(\.lastError).first)?.message)
    }

    /// How long the reply has been waited for that is next; the longest of all masters. On the loop.
    public var oldestWait: Duration {
        loop.checkIsolated()
        switch service {
        case .single(let node): return .nanoseconds(node.oldestWait)
        case .cluster(let cluster): return .nanoseconds(cluster.nodes.values.reduce(0) { max($0, $1.oldestWait) })
        }
    }

    /// The client's condition now. From anywhere.
    public func currentStatus() async -> RedisStatus {
        await hop.run { self.status }
    }

    func sendOnLoop(
        _ arguments: [RedisArgument], to destination: RedisDestination, isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        guard case .cluster(let cluster) = service else { return await sendOnLoop(arguments, isolation: isolation) }
        if let refusal = Self.refusal(arguments) { return .failure(refusal) }
        let result = await cluster.send(arguments, to: destination, isolation: isolation)
        if case .failure(let error) = result { metrics.failed(error.code) }
        return result
    }

    /// Runs on the caller's executor, which is the loop; the isolation keeps the closures there, whatever the task
    /// prefers.
    private func sendOnLoop(
        _ arguments: [RedisArgument], isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        guard let single else { return await sendOnLoop(arguments, to: .wherever, isolation: isolation) }
        if let refusal = Self.refusal(arguments) { return .failure(refusal) }
        let deadline = loop.now &+ commandDeadline
        // As ``RedisNode/send(_:asking:deadline:isolation:)``, without its price: every command of a single server
        // comes through here.
        let ticket = single.nextTicket()
        let result = await withTaskCancellationHandler {
            _ = isolation
            return await withUnsafeContinuation { waiter in
                single.submit(arguments, asking: false, ticket: ticket, deadline: deadline, waiter: waiter)
            }
        } onCancel: {
            // Always later than submit: that one runs on the loop without a pause.
            loop.execute { single.abandon(ticket) }
        }
        guard case .failure(let error) = result else { return result }
        return await failed(arguments, error, deadline, isolation: isolation)
    }

    /// A command of a single server has failed: it is sent once more where that can help.
    private func failed(
        _ arguments: [RedisArgument], _ error: RedisError, _ deadline: UInt64, isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        var result: Result<RedisReply, RedisError> = .failure(error)
        let mayRunAgain = RetryRules.isRefusedByRole(error) || RetryRules.isLostRead(error, arguments)
        if topology.wantsMaster, mayRunAgain, loop.now < deadline, !Task.isCancelled, let single {
            result = await single.send(arguments, deadline: deadline, isolation: isolation)
        }
        if case .failure(let error) = result { metrics.failed(error.code) }
        return result
    }

    private static func refusal(_ arguments: [RedisArgument]) -> RedisError? {
        if !CommandRules.allow(arguments) {
            return RedisError(.commandNotAllowed, "the connection is shared; this command would disturb others")
        }
        if Task.isCancelled { return RedisError(.cancelled, "the task was cancelled before the command was sent") }
        return nil
    }

    /// The servers that commands go to.
    func masters(isolation: isolated (any Actor)?) async -> Result<[RedisNode], RedisError> {
        switch service {
        case .single(let node): return .success([node])
        case .cluster(let cluster): return await cluster.masters(isolation: isolation)
        }
    }
}

// MARK: - On the loop

extension RedisClient {
    private func begin() {
        switch service {
        case .single(let node): node.start()
        case .cluster(let cluster): cluster.start()
        }
    }

    /// A server that keeps us waiting keeps its subscribers waiting as well, and one that the cluster has lost hears
    /// nothing of what is published.
    private static func listen(to service: Service, for subscriptions: SubscriptionList, _ topology: any RedisTopology)
    {
        switch service {
        case .single(let node):
            node.onDown = { reason, _ in
                if reason.code == .timedOut { subscriptions.reconnect(because: reason) }
            }
        case .cluster(let cluster):
            cluster.onDown = { reason, lost in
                if reason.code == .timedOut { subscriptions.reconnect(because: reason) { $0 == lost } }
            }
            guard let topology = topology as? ClusterTopology else { return }
            cluster.onMap = { map in
                let reason = RedisError(.unavailable, "the node has left the cluster")
                subscriptions.reconnect(because: reason) { topology.isGone($0, from: map) }
            }
        }
    }

    private static func stop(_ service: Service) {
        switch service {
        case .single(let node): node.stop()
        case .cluster(let cluster): cluster.stop()
        }
    }
}
