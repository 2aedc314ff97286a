internal import Customers
internal import CustomersRedis
internal import EventLoop
internal import FastCGI
internal import FastCGIProtocol
internal import Glibc
internal import HTTPMessage
internal import Logging
internal import RedisClient

/// The running gateway: builds loops, workers and the FastCGI server once; starts, reloads, drains and stops them.
///
/// Pinned to the first loop, which runs on the thread that calls ``run()``.
actor Gateway {
    private let group: EventLoopGroup
    private let first: EventLoop
    private let workers: [ObjectIdentifier: Worker]
    private let server: FastCGIServer
    private let tenants: TenantDirectory
    private let reload: @Sendable () throws(ConfigurationError) -> Reloaded
    private let serviceManager: ServiceManager
    private let report: StatusReport
    private let rest: Rest
    private let news = RoomNews()
    private let watchdog: Watchdog?
    private let handover: ConnectionHandover?
    /// nginx's connections from before a restart, until they are served.
    private var kept: [Int32]
    private let monitor: Monitor
    private let controlPath: String?
    private let configurationFile: String
    private var control: ControlServer?
    private let logger: Logger
    private var signals: [SignalWatch] = []
    private var tasks: [Task<Void, Never>] = []
    private var isServing = false
    private var isStopping = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { first.asUnownedSerialExecutor() }

    /// How long requests in flight may take after SIGTERM.
    private static let drainDeadline = Duration.seconds(10)
    /// When a start is over, with all connections to Redis.
    private static let settled = Duration.seconds(1)

    /// Builds everything; nothing runs yet.
    ///
    /// - Parameters:
    ///   - plan: what every loop is equipped with.
    ///   - loops: how many; 0 for one per core.
    ///   - listeners: where nginx connects.
    ///   - stored: what a former process left with the service manager.
    ///   - peers: who may connect over TCP; with none everybody who can.
    ///   - bodyLimit: bytes a request's body may have.
    ///   - tools: what the process is watched with.
    ///   - serviceManager: who is told how the service is.
    ///   - logger: gets what an admin should know.
    ///   - reload: reads the configuration anew, and logs its errors.
    /// - Throws: `EventLoopError`, `FastCGIError`.
    init(
        plan: GatewayPlan, loops: Int, listeners: [ListenSocket], stored: [Int32], peers: [AddressBlock],
        bodyLimit: Int,
        tools: MonitorTools,
        serviceManager: ServiceManager, logger: Logger,
        reload: @escaping @Sendable () throws(ConfigurationError) -> Reloaded
    ) throws {
        group = try EventLoopGroup(count: loops)
        first = group.loops[0]
        let redisLog = RedisLog(logger)
        let all = group.loops.map {
            Worker(loop: $0, plan: plan, accessLog: tools.accessLog, redisLog: redisLog, logger: logger)
        }
        let workers = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.loop), $0) })
        let monitor = Monitor(loop: first, workers: all, own: all[0], tenants: plan.tenants, tools: tools)
        let pages = StatusPages(monitor: monitor)
        var configuration = FastCGIConfiguration()
        configuration.gate.bodyLength = bodyLimit
        if !peers.isEmpty { configuration.peers.networks = peers }
        server = try FastCGIServer(
            loops: group.loops, listeners: listeners, configuration: configuration, logger: logger,
            atOnce: { request, loop in workers[ObjectIdentifier(loop)]?.answerAtOnce(request) }
        ) { request, loop in
            guard let worker = workers[ObjectIdentifier(loop)] else { return HTTPResponse(status: 500) }
            if let page = await pages.answer(request) { return page }
            return await worker.answer(request)
        }
        self.workers = workers
        self.monitor = monitor
        controlPath = tools.controlPath
        configurationFile = tools.configuration
        tenants = plan.tenants
        self.reload = reload
        self.serviceManager = serviceManager
        self.logger = logger
        rest = Rest(loop: first, server: server)
        report = StatusReport(rest: rest, redis: all[0].redis, tenants: plan.tenants, serviceManager: serviceManager)
        watchdog = Watchdog(loops: group.loops, serviceManager: serviceManager, logger: logger)
        // Who listens for himself takes his socket along, and nginx's connections are no use to anybody.
        handover =
            listeners.allSatisfy(\.isInherited) && serviceManager.isListening
            ? ConnectionHandover(serviceManager: serviceManager, logger: logger) : nil
        kept = handover?.receive(stored) ?? []
    }

    /// Runs on the calling thread until SIGTERM or SIGINT, and through the drain.
    nonisolated func run() {
        first.execute { self.assumeIsolated { $0.begin() } }
        group.run()
    }

    private func begin() {
        do {
            // libfcgi has had its turn with the signals; these watches take them back (hazard H7).
            for signal in [SIGTERM, SIGINT] {
                signals.append(try first.onSignal(signal) { self.assumeIsolated { $0.stop() } })
            }
            signals.append(try first.onSignal(SIGHUP) { self.assumeIsolated { _ = $0.reloadTenants() } })
            ReloadSignal.admit()
        } catch {
            logger.critical("signals cannot be caught", metadata: ["error": "\(error)"])
            group.stop()
            return
        }
        watchdog?.assumeIsolated { $0.turn() }
        serviceManager.status("waiting for Redis")
        tasks = workers.values.map { $0.loop === first ? $0.start(heardHere) : $0.start() }
        monitor.assumeIsolated { $0.start(rest) }
        control = controlPath.map {
            ControlServer(path: $0, configuration: configurationFile, loop: first, logger: logger) {
                await self.answer($0)
            }
        }
        control?.assumeIsolated { $0.start() }
        let readiness = StoreReadiness(workers: Array(workers.values))
        tasks.append(Task(executorPreference: first) { await self.serve(storeAnswers: readiness.wait()) })
    }

    /// What the first loop does about the fleet's news.
    private nonisolated var heardHere: @Sendable (RedisNews.Item) -> Void {
        { [news, report] item in
            news.hear(item)
            if item == .up || item == .down { report.assumeIsolated { $0.redisChanged() } }
        }
    }

    private func serve(storeAnswers: Bool) {
        guard !isStopping else { return }
        isServing = true
        if !storeAnswers { logger.warning("Redis does not answer; requests get 503 until it does") }
        server.start()
        server.adopt(kept)
        kept = []
        if let worker = workers[ObjectIdentifier(first)] {
            let rounds = QueueRounds(rest: rest, services: worker.services, tenants: tenants, news: news)
            tasks.append(Task(executorPreference: first) { await rounds.run() })
            let sweep = SweepTenant(worker.services, store: RedisSweepStore(worker.redis))
            let reconcile = ReconcileTenant(worker.services, store: RedisReconcileStore(worker.redis))
            let memory = MemoryRounds(rest: rest)
            tasks.append(Task(executorPreference: first) { await memory.run() })
            for rounds in [
                TenantRounds.sweep(rest, tenants) { await sweep($0) },
                TenantRounds.reconciliation(rest, tenants) { await reconcile($0) },
            ] {
                tasks.append(Task(executorPreference: first) { await rounds.run() })
            }
        }
        logger.notice("ready", metadata: ["loops": "\(group.loops.count)", "tenants": "\(tenants.all.count)"])
        report.assumeIsolated { $0.ready() }
        first.schedule(after: Self.settled) { ProcessMemory.release() }
    }

    /// What `customersctl` asks for.
    private func answer(_ request: ControlRequest) async -> ControlReply {
        switch request {
        case .status: .result(of: await monitor.status())
        case .metrics: .result(of: await monitor.metrics())
        case .reload: .result(of: reloadTenants())
        }
    }

    private func reloadTenants() -> ReloadAnswer {
        serviceManager.reloading()
        var answer = ReloadAnswer()
        do throws(ConfigurationError) {
            let new = try reload()
            tenants.replace(with: new.tenants)
            news.tell()
            logger.notice("configuration reloaded", metadata: ["tenants": "\(new.tenants.count)"])
            answer.waiting = new.waiting
            if !new.waiting.isEmpty {
                logger.warning(
                    "some of what has changed counts from the next restart on",
                    metadata: ["keys": "\(new.waiting.joined(separator: ", "))"])
            }
        } catch {
            answer.problems = error.problems.map(\.description)
        }
        report.assumeIsolated { $0.reloaded(answer) }
        return answer
    }

    /// The second signal ends a drain at once.
    private func stop() {
        guard !isStopping else { return group.stop() }
        isStopping = true
        let inFlight = server.counts.inFlight
        report.assumeIsolated { $0.stop() }
        serviceManager.stopping("draining; \(inFlight) in flight")
        logger.notice("draining", metadata: ["in_flight": "\(inFlight)"])
        for task in tasks { task.cancel() }
        monitor.assumeIsolated { $0.stop() }
        control?.assumeIsolated { $0.stop() }
        Task(executorPreference: first) { [server, logger, group, handover, kept] in
            var cut = 0
            if let handover {
                let outcome = await server.handOver(deadline: Self.drainDeadline)
                cut = outcome.cut
                handover.leave(kept + outcome.released)
            } else {
                cut = await server.drain(deadline: Self.drainDeadline)
            }
            logger.notice("stopped", metadata: ["requests_cut": "\(cut)"])
            group.stop()
        }
    }
}
