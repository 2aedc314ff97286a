internal import Customers
internal import CustomersRedis
internal import EventLoop
internal import FastCGI
internal import HTTPMessage
internal import Logging
internal import RedisClient
internal import RocketChatBackend
internal import Telemetry

/// Knows how the running gateway is: for the control socket, for Prometheus and for the status page.
///
/// Pinned to the first loop. It costs nothing while nobody looks but one number every few seconds.
actor Monitor {
    private let loop: EventLoop
    private let workers: [Worker]
    private let tenants: TenantDirectory
    private let tools: MonitorTools
    private let chat: ChatWatch
    private let tenantWatch: TenantWatch
    private let begun: UInt64
    private weak var server: FastCGIServer?
    private var history = RequestHistory()
    private var sampling: Task<Void, Never>?
    private var isDraining = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Tenants that are looked at; beyond that a page helps nobody.
    private static let tenantLimit = 500

    /// Watches the workers, the first of which is the watcher's own.
    init(loop: EventLoop, workers: [Worker], own: Worker, tenants: TenantDirectory, tools: MonitorTools) {
        self.loop = loop
        self.workers = workers
        self.tenants = tenants
        self.tools = tools
        begun = loop.now
        chat = ChatWatch(chat: own.chat, loop: loop)
        tenantWatch = TenantWatch(
            loop: loop, inspection: RedisInspection(own.redis), store: RedisPresenceStore(own.redis),
            board: own.services.agents, now: own.services.now)
    }

    /// Begins to count requests. On the loop.
    func start(_ rest: Rest) {
        server = rest.server
        sampling = Task(executorPreference: loop) { [weak self] in
            var rest = rest
            while !Task.isCancelled {
                await self?.sample()
                do { try await rest.sleep(for: .seconds(RequestHistory.interval)) } catch { return }
            }
        }
    }

    /// Ends the counting; the gateway drains.
    func stop() {
        isDraining = true
        sampling?.cancel()
    }

    private func sample() {
        if let server { history.sample(total: server.counts.requests, at: loop.now) }
    }

    /// Everything, as of now. Takes a round trip or two to Redis for each tenant.
    func status() async -> GatewayStatus {
        sample()
        let chat = await chat.status()
        var loops: [GatewayStatus.Loop] = []
        for worker in workers { loops.append(GatewayStatus.Loop(worker, await worker.redis.currentStatus())) }
        var known: [GatewayStatus.Tenant] = []
        for tenant in tenants.all.prefix(Self.tenantLimit) {
            known.append(await tenantWatch.status(of: tenant, asking: chat.isHealthy))
        }
        let refusal = await tenantWatch.writeRefusal(of: tenants.all.prefix(Self.tenantLimit))
        return GatewayStatus(
            version: GatewayVersion.text, pid: tools.pid,
            uptimeSeconds: Int(clamping: (loop.now &- begun) / 1_000_000_000),
            isDraining: isDraining, loops: loops, traffic: traffic, redisRefusal: refusal,
            chatURL: tools.chatURL, chat: chat, tenants: known, warnings: tools.recent.lines)
    }

    /// Prometheus' text: what is counted anyhow, and what is true right now.
    func metrics() async -> String {
        tools.registry.prometheusText() + MetricsSnapshot(await status()).prometheusText()
    }

    private var traffic: GatewayStatus.Traffic {
        guard let counts = server?.counts else { return GatewayStatus.Traffic() }
        return GatewayStatus.Traffic(
            connections: counts.connections, requestsInFlight: counts.inFlight, acceptedConnections: counts.accepted,
            requests: counts.requests, overloaded: counts.overloaded, shedConnections: counts.shed,
            badResponses: counts.badResponses, refused: counts.refused, history: history.counts)
    }
}

extension GatewayStatus.Loop {
    fileprivate init(_ worker: Worker, _ redis: RedisStatus) {
        self.init(
            name: worker.loop.name, redisIsConnected: redis.isConnected, redis: redis.endpoint,
            pendingCommands: redis.pending,
            waitingCommands: redis.waiting, reconnects: redis.reconnects,
            redisError: redis.isConnected ? nil : redis.lastError, breaker: worker.chat.breakerState.rawValue,
            nearCacheIsOn: worker.isNearCacheOn)
    }
}
