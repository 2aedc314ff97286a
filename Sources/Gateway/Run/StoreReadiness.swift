internal import EventLoop
internal import RedisClient

/// Waits at start until Redis answers, so that requests that queued up during a restart are not met with 503.
struct StoreReadiness {
    let workers: [Worker]

    /// Longer than a connect and a command may take. With Redis away the service starts all the same after it: 503 with
    /// `Retry-After` says more to clients and monitors than a socket that nobody answers, and what was ordered after
    /// the service at boot does not wait for ever.
    private static let grace = Duration.seconds(1)
    private static let pause = Duration.milliseconds(20)

    /// Returns when every loop's connection has answered, or the grace is over.
    ///
    /// - Returns: whether all have answered.
    func wait() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for worker in workers {
                group.addTask(executorPreference: worker.loop) {
                    let end = ContinuousClock.now + Self.grace
                    while !Task.isCancelled {
                        if (try? await worker.redis.send([.string("PING")])) != nil { return true }
                        guard ContinuousClock.now < end else { return false }
                        try? await worker.loop.sleep(for: Self.pause)
                    }
                    return false
                }
            }
            return await group.allSatisfy { $0 }
        }
    }
}
