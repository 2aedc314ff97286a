internal import EventLoop
internal import FastCGI

/// Sleep for what is done by the clock: while nobody wants anything there is no hurry, and the whole process lies
/// still. One for each that sleeps.
struct Rest: Sendable {
    let loop: EventLoop
    let server: FastCGIServer
    private let begun: UInt64
    private var stillness = Stillness()
    /// Whether the last sleep was a long one that nobody ended.
    private(set) var wasUndisturbed = false

    /// How long nothing is done while nobody is connected: what other gateways of the fleet have left behind is seen
    /// after it.
    private static let quiet = Duration.seconds(30)
    /// While web servers are connected and ask for nothing.
    private static let idle = Duration.seconds(5)

    /// Begins to count the half minutes.
    init(loop: EventLoop, server: FastCGIServer) {
        self.loop = loop
        self.server = server
        begun = loop.now
    }

    /// Sleeps for `usual`; while nobody wants anything for longer, until somebody connects or asks.
    ///
    /// - Parameters:
    ///   - usual: while there are requests.
    ///   - long: while there are none; nil for five seconds, and while nobody is connected for half a minute at most,
    ///     until all who sleep so are woken together.
    ///   - news: what else ends the long sleep.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    mutating func sleep(for usual: Duration, long: Duration? = nil, until news: RoomNews? = nil) async throws {
        wasUndisturbed = false
        // Before all else: whoever comes after this look wakes.
        let arrivals = server.arrivalCount
        let isDeserted = server.isQuiet
        let inFlight = server.counts.inFlight
        guard stillness.isStill(arrivals: arrivals, inFlight: inFlight, isDeserted: isDeserted, now: loop.now) else {
            return try await loop.sleep(for: usual)
        }
        let pause = long ?? (isDeserted ? untilTogether : max(usual, Self.idle))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { [loop] in try await loop.sleep(for: pause) }
            group.addTask(executorPreference: loop) { [server] in try await server.nextArrival(after: arrivals) }
            if let news { group.addTask(executorPreference: loop) { try await news.next() } }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
        wasUndisturbed = server.arrivalCount == arrivals
    }

    /// Until the next of the moments, half a minute apart, at which a quiet process does all that it does by the clock.
    private var untilTogether: Duration {
        let passed = Duration.nanoseconds(Int64(clamping: loop.now &- begun))
        let periods = (passed + .seconds(1)) / Self.quiet
        return Self.quiet * (periods.rounded(.down) + 1) - passed
    }
}
