internal import Customers
internal import EventLoop
internal import FastCGI
internal import RedisClient

/// Keeps the line fresh that `systemctl status` shows. Pinned to the first loop; without a service manager nothing
/// runs.
actor StatusReport {
    private let loop: EventLoop
    private let server: FastCGIServer
    /// The first loop's, for all.
    private let redis: RedisClient
    private let tenants: TenantDirectory
    private let serviceManager: ServiceManager
    private var status = ServiceStatus()
    private var said = ""
    private var requests = 0
    private var counted: UInt64 = 0
    private var timer: LoopTimer?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private static let interval = Duration.seconds(2)
    /// While nobody is connected.
    private static let quiet = Duration.seconds(10)

    /// Makes one that says nothing yet.
    init(
        loop: EventLoop, server: FastCGIServer, redis: RedisClient, tenants: TenantDirectory,
        serviceManager: ServiceManager
    ) {
        self.loop = loop
        self.server = server
        self.redis = redis
        self.tenants = tenants
        self.serviceManager = serviceManager
    }

    /// The service begins to serve, or a reload has ended.
    ///
    /// - Parameter isConfigurationOld: whether the reload found errors.
    func ready(isConfigurationOld: Bool = false) {
        status.isConfigurationOld = isConfigurationOld
        look()
        said = status.text
        serviceManager.ready(said)
        if timer == nil { tick() }
    }

    /// Says no more.
    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func tick() {
        guard serviceManager.isListening else { return }
        timer = loop.schedule(after: server.isQuiet ? Self.quiet : Self.interval) { [weak self] in
            self?.assumeIsolated { report in
                report.look()
                report.sayChange()
                report.tick()
            }
        }
    }

    private func look() {
        let counts = server.counts
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
        guard status.text != said else { return }
        said = status.text
        serviceManager.status(said)
    }
}
