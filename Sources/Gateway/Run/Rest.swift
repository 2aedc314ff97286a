internal import EventLoop
internal import FastCGI

/// Sleep for what is done by the clock: while no web server is connected there is no hurry, and the whole process lies
/// still. nginx lets go of idle connections after a minute.
struct Rest: Sendable {
    let loop: EventLoop
    let server: FastCGIServer
    private let begun: UInt64

    /// How long nothing is done while nobody is connected: what other gateways of the fleet have left behind is seen
    /// after it.
    private static let quiet = Duration.seconds(30)

    /// Begins to count the half minutes.
    init(loop: EventLoop, server: FastCGIServer) {
        self.loop = loop
        self.server = server
        begun = loop.now
    }

    /// Sleeps for `usual`; while nobody is connected for longer, until somebody connects.
    ///
    /// - Parameters:
    ///   - usual: while somebody is connected.
    ///   - long: while nobody is; nil for half a minute at most, until all who sleep so are woken together.
    ///   - news: what else ends the long sleep.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for usual: Duration, long: Duration? = nil, until news: RoomNews? = nil) async throws {
        guard server.isQuiet else { return try await loop.sleep(for: usual) }
        let long = long ?? untilTogether
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { [loop] in try await loop.sleep(for: long) }
            group.addTask(executorPreference: loop) { [server] in try await server.nextArrival() }
            if let news { group.addTask(executorPreference: loop) { try await news.next() } }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// Until the next of the moments, half a minute apart, at which a quiet process does all that it does by the clock.
    private var untilTogether: Duration {
        let passed = Duration.nanoseconds(Int64(clamping: loop.now &- begun))
        let periods = (passed + .seconds(1)) / Self.quiet
        return Self.quiet * (periods.rounded(.down) + 1) - passed
    }
}
