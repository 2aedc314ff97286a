internal import EventLoop
internal import Logging

/// Keeps one connection up: finds the server, connects, waits for the end, and begins again, for ever. Loop thread
/// only.
// @unchecked: all state is touched on the loop's thread only; `stop()` hops there.
final class RedisLink: @unchecked Sendable {
    /// Where the link is in its life.
    enum State: Equatable {
        case idle
        /// An attempt is under way. `isFirst`: nothing has failed yet, so commands may wait for it.
        case connecting(isFirst: Bool)
        case up
        /// Between two attempts.
        case resting
        case stopped
    }

    /// Prepares a fresh connection before it counts as up: throws, and the attempt has failed.
    typealias Prepare = @Sendable (RedisConnection) async throws(RedisError) -> Void

    let loop: EventLoop
    private let configuration: RedisConfiguration
    private let topology: any RedisTopology
    /// What it leads to, as the log tells the servers apart.
    private let name: String
    private let log: RedisLog
    private let prepare: Prepare?
    private var backoff: Backoff
    private var task: Task<Void, Never>?

    private(set) var state = State.idle
    private(set) var connection: RedisConnection?
    /// Times that the link came up, less the first.
    private(set) var reconnects = 0
    private(set) var lastError: RedisError?
    /// Called when a connection is ready.
    var onUp: ((RedisConnection) -> Void)?
    /// Called when a ready connection has ended, and after each attempt that failed.
    var onDown: ((RedisError) -> Void)?

    /// A connection that held for less than this counts as a failure, so that one that dies at once is not hammered.
    private static let provenAfter: UInt64 = 1_000_000_000

    init(
        loop: EventLoop, name: String, configuration: RedisConfiguration, topology: any RedisTopology, log: RedisLog,
        prepare: Prepare? = nil
    ) {
        self.loop = loop
        self.configuration = configuration
        self.topology = topology
        self.name = name
        self.log = log
        self.prepare = prepare
        let ceiling = min(configuration.backoffCeiling, topology.longestPause)
        backoff = Backoff(floor: min(configuration.backoffFloor, ceiling), ceiling: ceiling)
    }

    /// Begins. A second call does nothing.
    func start() {
        guard state == .idle else { return }
        state = .connecting(isFirst: true)
        task = Task(executorPreference: loop) { await self.run() }
    }

    /// Ends the connection and all attempts, for good.
    func stop() {
        guard state != .stopped else { return }
        state = .stopped
        log.forget(self, to: name)
        task?.cancel()
        let stopped = RedisError(.unavailable, "the client was stopped")
        lastError = stopped
        connection?.end(stopped)
        let onDown = onDown
        self.onDown = nil
        onUp = nil
        onDown?(stopped)
    }

    /// Drops the connection, if there is one, and connects anew.
    func reconnect(because reason: RedisError) {
        connection?.end(reason)
    }

    private func run() async {
        while state != .stopped {
            do throws(RedisError) {
                let fresh = try await establish()
                let reason = await hold(fresh)
                if state == .stopped { break }
                log.failed(self, to: name, "Redis connection lost: \(reason.message)")
                if case .connecting = state { continue }
            } catch {
                failed(error)
            }
            if state == .stopped { break }
            let pause = backoff.fail(chance: .random(in: 0..<1))
            try? await loop.sleep(for: pause)
            if state != .stopped { state = .connecting(isFirst: false) }
        }
    }

    /// Tries each address the topology knows.
    private func establish() async throws(RedisError) -> RedisConnection {
        let candidates = try await topology.candidates()
        var failure = RedisError(.unavailable, "no address for \(configuration.endpoint)")
        for address in candidates where state != .stopped {
            let fresh = RedisConnection(loop: loop, address: address, limits: configuration)
            connection = fresh
            do throws(RedisError) {
                try fresh.open()
                try await RedisHandshake(configuration: configuration, wantsMaster: topology.wantsMaster)
                    .run(on: fresh)
                try await prepare?(fresh)
                guard fresh.isOpen else { throw fresh.endReason ?? failure }
                topology.tried(address, failed: false)
                return fresh
            } catch {
                topology.tried(address, failed: true)
                fresh.end(error)
                connection = nil
                failure = error
            }
        }
        throw failure
    }

    /// Lets the connection be used until it ends; returns why it did.
    private func hold(_ fresh: RedisConnection) async -> RedisError {
        let since = loop.now
        return await withCheckedContinuation { (ended: CheckedContinuation<RedisError, Never>) in
            fresh.onEnd = { [weak self] reason in
                self?.lost(reason, since: since)
                ended.resume(returning: reason)
            }
            guard state != .stopped, fresh.isOpen else {
                fresh.onEnd = nil
                let reason = fresh.endReason ?? RedisError(.unavailable, "the client was stopped")
                fresh.end(reason)
                if state != .stopped { failed(reason) }
                return ended.resume(returning: reason)
            }
            log.connected(self, to: name, "Redis connected: \(fresh.address)")
            lastError = nil
            state = .up
            onUp?(fresh)
            check(fresh)
        }
    }

    /// Asks now and then whether the server is still the one to talk to.
    private func check(_ fresh: RedisConnection) {
        guard let interval = topology.checkInterval else { return }
        loop.schedule(after: interval) { [weak self, weak fresh] in
            guard let self, let fresh, fresh.isOpen, state == .up else { return }
            Task(executorPreference: loop) { [self] in
                if let objection = await topology.objection(to: fresh.address) {
                    fresh.end(objection)
                } else {
                    check(fresh)
                }
            }
        }
    }

    private func lost(_ reason: RedisError, since: UInt64) {
        connection = nil
        guard state != .stopped else { return }
        lastError = reason
        reconnects += 1
        // A server that has refused a command because it is no master any more will not pass for one again.
        if loop.now &- since >= Self.provenAfter || topology.wantsMaster && reason.server != nil {
            backoff.succeed()
            state = .connecting(isFirst: true)
        } else {
            state = .resting
        }
        onDown?(reason)
    }

    private func failed(_ error: RedisError) {
        guard state != .stopped else { return }
        state = .resting
        lastError = error
        let isOurFault = error.server.map { $0.prefix != .loading } ?? false
        log.failed(self, to: name, "Redis not reachable: \(error.message)", level: isOurFault ? .error : .warning)
        onDown?(error)
    }
}
