internal import EventLoop

/// A cluster: one connection to each master, and commands to the one that serves their keys. Loop thread only. It lives
/// until ``stop()``.
///
/// The map of the slots comes from the nodes themselves. It is asked for again whenever something hints that it has
/// changed: `MOVED`, `CLUSTERDOWN`, a node that cannot be reached, a slot that nobody serves; then again and again
/// until all is well.
// @unchecked: all state is touched on the loop's thread only.
final class RedisCluster: @unchecked Sendable {
    let loop: EventLoop
    let configuration: RedisConfiguration
    let seeds: [RedisHost]
    let names: HostAddresses
    let log: RedisLog
    private let metrics: RedisMetrics

    /// Called when a node's connection was lost, with its address.
    var onDown: ((RedisError, RedisAddress?) -> Void)?
    /// Called when the map has changed.
    var onMap: ((SlotMap) -> Void)?

    var map: SlotMap?
    /// Slots that `MOVED` told us about, until the map has caught up: who serves them, and since when we know.
    var moved: [UInt16: (host: RedisHost, since: UInt64)] = [:]
    var nodes: [RedisHost: RedisNode] = [:]
    /// Why there is no map, once asking for it has failed.
    var lastError: RedisError?
    var isStopped = false
    // The search for the map; see RedisCluster+Map.swift.
    var lastRefusal: RedisError?
    var isAsking = false
    var mustAskAgain = false
    var askTimer: LoopTimer?
    var backoff = Backoff(floor: .milliseconds(20), ceiling: .milliseconds(300))
    var mapWaiters: [UInt64: UnsafeContinuation<Void, Never>] = [:]
    var lastWaiter: UInt64 = 0

    /// How often one command is sent elsewhere at most, and the pause before the first repetition after `TRYAGAIN`.
    private static let maxRedirections = 3
    private static let firstPause: Duration = .milliseconds(4)

    init(
        loop: EventLoop, configuration: RedisConfiguration, seeds: [RedisHost], metrics: RedisMetrics, log: RedisLog
    ) {
        self.loop = loop
        self.configuration = configuration
        self.seeds = seeds
        self.metrics = metrics
        self.log = log
        names = HostAddresses(loop: loop, deadline: configuration.connectDeadline)
    }

    /// Begins to ask for the map; a second call does nothing.
    func start() {
        if map == nil { wantMap() }
    }

    /// Ends all connections and attempts; commands fail from now on.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        log.forget(self, to: mapName)
        askTimer?.cancel()
        lastError = RedisError(.unavailable, "the client was stopped")
        onDown = nil
        onMap = nil
        for node in nodes.values { node.stop() }
        wakeMapWaiters()
    }

    /// Sends a command to the node that serves its keys, or to the one that is named.
    func send(
        _ arguments: [RedisArgument], to destination: RedisDestination, isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        let deadline = loop.now &+ configuration.commandDeadline.nanoseconds
        let route: CommandRoute
        switch destination {
        case .node(let node): return await node.send(arguments, deadline: deadline, isolation: isolation)
        case .nodeOf(let key): route = .slot(HashSlot.of(key.utf8))
        case .wherever: route = CommandRoute(arguments)
        }
        let slot: UInt16?
        switch route {
        case .slot(let number): slot = number
        case .anyNode: slot = nil
        case .severalSlots:
            return .failure(
                RedisError(.commandNotAllowed, "the keys of the command are in different slots of the cluster"))
        case .everyMaster:
            return .failure(
                RedisError(.commandNotAllowed, "the command is about one server's keys; send it to each master"))
        }
        if map == nil, let failure = await waitForMap(until: deadline, isolation: isolation) {
            return .failure(failure)
        }
        return await send(arguments, slot: slot, deadline: deadline, isolation: isolation)
    }

    private func send(
        _ arguments: [RedisArgument], slot: UInt16?, deadline: UInt64, isolation: isolated (any Actor)?
    ) async -> Result<RedisReply, RedisError> {
        guard var target = slot.map({ master(of: $0) }) ?? anyMaster() else { return .failure(nobodyServes(slot)) }
        var isAsking = false
        var pause = Self.firstPause
        var redirections = 0
        while true {
            let result = await node(target).send(
                arguments, asking: isAsking, deadline: deadline, isolation: isolation)
            guard case .failure(let error) = result else { return result }
            // From here on nothing is sent again that has run or may have run, but reads.
            switch error.code {
            case .server(.moved), .server(.ask):
                guard let server = error.server, let elsewhere = Redirection(server, from: target) else {
                    return .failure(error.notSent)
                }
                target = elsewhere.host
                isAsking = error.code == .server(.ask)
                if !isAsking { noteMoved(elsewhere) }
                redirections += 1
                guard redirections <= Self.maxRedirections, loop.now < deadline else {
                    return .failure(error.notSent)
                }
            case .server(.tryAgain):
                // Some of the keys are here, some there, until the slot has moved.
                guard loop.now &+ pause.nanoseconds < deadline else { return .failure(error.notSent) }
                await rest(pause, isolation: isolation)
                pause *= 2
            case .server(.clusterDown):
                wantMap()
                return .failure(error.notSent)
            case .unavailable, .server(.loading), .server(.masterDown), .server(.readOnly):
                wantMap()
                let isLostRead = RetryRules.isLostRead(error, arguments)
                guard redirections == 0, isLostRead || error.code != .unavailable || !error.mayHaveRun,
                    let other = slot.map({ master(of: $0) }) ?? anyMaster(),
                    // Somebody else may serve it by now; or the same node, on a new connection.
                    other != target || isLostRead
                else { return result }
                target = other
                isAsking = false
                redirections = Self.maxRedirections
            default: return result
            }
            guard loop.now < deadline else { return error.mayHaveRun ? result : .failure(error.notSent) }
            if Task.isCancelled {
                return .failure(RedisError(.cancelled, "the task was cancelled before the command was sent again"))
            }
        }
    }

    /// All masters that serve slots, as soon as they are known.
    func masters(isolation: isolated (any Actor)?) async -> Result<[RedisNode], RedisError> {
        let deadline = loop.now &+ configuration.commandDeadline.nanoseconds
        if map == nil, let failure = await waitForMap(until: deadline, isolation: isolation) {
            return .failure(failure)
        }
        return .success((map?.masters ?? []).map { node($0) })
    }

    // MARK: Nodes

    /// The node that serves a slot, as far as we know.
    func master(of slot: UInt16) -> RedisHost? { moved[slot]?.host ?? map?.master(of: slot) }

    /// A node for what has no key: one that is connected, if there is one.
    private func anyMaster() -> RedisHost? {
        let connected = nodes.filter { $0.value.isConnected }
        return connected.keys.randomElement() ?? map?.masters.randomElement()
    }

    /// The connection to a node, made when there is none yet.
    func node(_ host: RedisHost) -> RedisNode {
        if let known = nodes[host] { return known }
        var configuration = configuration
        configuration.endpoint = .tcp(host: host.name, port: host.port)
        let node = RedisNode(
            loop: loop, name: host.description, configuration: configuration,
            topology: StandaloneTopology.tcp(host, names: names), metrics: metrics, log: log)
        node.onDown = { [self] reason, address in
            wantMap()
            onDown?(reason, address)
        }
        nodes[host] = node
        if isStopped { node.stop() } else { node.start() }
        return node
    }

    private func noteMoved(_ redirection: Redirection) {
        moved[redirection.slot] = (redirection.host, loop.now)
        wantMap()
    }

    private func nobodyServes(_ slot: UInt16?) -> RedisError {
        wantMap()
        return RedisError(.unavailable, slot.map { "no node of the cluster serves slot \($0)" } ?? "no node is known")
    }

    private func rest(_ pause: Duration, isolation: isolated (any Actor)?) async {
        await withUnsafeContinuation { waiter in
            _ = isolation
            loop.schedule(after: pause) { waiter.resume() }
        }
    }
}
