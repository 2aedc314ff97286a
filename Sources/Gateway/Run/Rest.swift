internal import EventLoop
internal import FastCGI

/// Sleep for what is done by the clock: while no web server is connected there is no hurry, and the whole process lies
/// still. nginx lets go of idle connections after a minute.
struct Rest: Sendable {
    let loop: EventLoop
    let server: FastCGIServer

    /// How long nothing is done while nobody is connected: what other gateways of the fleet have left behind is seen
    /// after it.
    static let quiet = Duration.seconds(30)

    /// Sleeps for `usual`; while nobody is connected for longer, until somebody connects.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for usual: Duration, long: Duration = Rest.quiet) async throws {
        guard server.isQuiet else { return try await loop.sleep(for: usual) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { [loop] in try await loop.sleep(for: long) }
            group.addTask(executorPreference: loop) { [server] in try await server.nextArrival() }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }
}
