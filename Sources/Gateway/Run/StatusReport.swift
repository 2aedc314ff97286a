internal import Customers
internal import EventLoop
internal import FastCGI
internal import RedisClient

/// Keeps the line fresh that `systemctl status` shows. Pinned to the first loop; without a service manager nothing
/// runs.
actor StatusReport {
    private let loop: EventLoop
    private let rest: Rest
    /// The first loop's, for all.
    private let redis: RedisClient
    private let tenants: TenantDirectory
    private let serviceManager: ServiceManager
    private var status = ServiceStatus()
    private var said = ""
    private var requests = 0
    private var counted: UInt64 = 0
    private var looking: Task<Void, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private static let interval = Duration.seconds(2)

    /// Makes one that says nothing yet.
    init(
        rest: Rest, redis: RedisClient, tenants: TenantDirectory, serviceManager: ServiceManager
    ) {
        loop = rest.loop
        self.rest = rest
        self.redis = redis
        self.tenants = tenants
        self.serviceManager = serviceManager
    }

    /// A reload has ended.
    func reloaded(_ answer: ReloadAnswer) {
        status.isConfigurationOld = !answer.problems.isEmpty
        // With errors nothing new is known of the rest.
        if answer.problems.isEmpty { status.waiting = answer.waiting }
        ready()
    }

    /// The service begins to serve, or goes on.
    func ready() {
        look()
        said = status.text
        serviceManager.ready(said)
        if looking == nil { keepLooking() }
    }

    /// Redis was lost, or found again: looks soon, also while nobody is connected.
    func redisChanged() {
        guard looking != nil else { return }
        loop.schedule(after: Self.interval) { [weak self] in self?.assumeIsolated { $0.sayChange() } }
    }

    /// Says no more.
    func stop() {
        looking?.cancel()
        looking = nil
    }

    private func keepLooking() {
        guard serviceManager.isListening else { return }
        looking = Task(executorPreference: loop) { [weak self, rest] in
            var rest = rest
            while true {
                do { try await rest.sleep(for: Self.interval) } catch { return }
                guard let self else { return }
                await sayChange()
            }
        }
    }

    private func look() {
        let counts = rest.server.counts
        let now = loop.now
        let milliseconds = Int(clamping: (now &- counted) / 1_000_000)
        status.requestsPerSecond = counted == 0 ? 0 : (counts.requests &- requests) &* 1_000 / max(1, milliseconds)
        (requests, counted) = (counts.requests, now)
        status.inFlight = counts.inFlight
        status.tenants = tenants.all.count
        let redis = redis.status
        status.storeFailure = redis.isConnected ? nil : redis.lastError ?? "no connection"
    }

    private func sayChange() {
        guard looking != nil else { return }
        look()
        guard status.text != said else { return }
        said = status.text
        serviceManager.status(said)
    }
}
