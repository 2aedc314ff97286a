internal import EventLoop
internal import Logging

/// Feeds the service manager's watchdog as long as every loop turns: one that is stuck holds up its requests for ever,
/// and only a new process helps.
///
/// Pinned to the first loop. Without a watchdog nothing runs, so an idle daemon sleeps.
actor Watchdog {
    private let loops: [EventLoop]
    private let first: EventLoop
    private let interval: Duration
    private let serviceManager: ServiceManager
    private let logger: Logger
    /// Loops that have not turned since they were asked.
    private var silent: Set<Int> = []
    private var timer: LoopTimer?

    nonisolated var unownedExecutor: UnownedSerialExecutor { first.asUnownedSerialExecutor() }

    /// Makes one for all loops, the first of which signs; nil when nobody waits for a sign of life.
    init?(loops: [EventLoop], serviceManager: ServiceManager, logger: Logger) {
        guard let interval = serviceManager.watchdogInterval, let first = loops.first else { return nil }
        self.loops = loops
        self.first = first
        // Two may come late before the third is too late.
        self.interval = interval / 3
        self.serviceManager = serviceManager
        self.logger = logger
    }

    /// Asks every loop for a sign of life, now and from time to time.
    func turn() {
        if silent.isEmpty {
            silent = Set(loops.indices)
            for (number, loop) in loops.enumerated() {
                loop.execute { [first] in first.execute { self.assumeIsolated { $0.heard(number) } } }
            }
        } else {
            let names = silent.sorted().map { loops[$0].name }.joined(separator: " ")
            logger.error("a loop does not turn", metadata: ["loops": "\(names)"])
        }
        timer = first.schedule(after: interval) { [weak self] in self?.assumeIsolated { $0.turn() } }
    }

    private func heard(_ number: Int) {
        guard silent.remove(number) != nil, silent.isEmpty else { return }
        serviceManager.alive()
    }
}
