internal import EventLoop
internal import Synchronization

/// What a subscription has to tell.
public enum RedisSubscriptionEvent: Sendable, Equatable {
    /// From now on messages come. What was published before is missing.
    case up
    /// Messages may be lost from now on, until the next ``up``.
    case down
    /// A message as it was published.
    case message([UInt8])
}

/// One channel on a connection of its own, subscribed again after each interruption. From any thread.
///
/// Between two ``RedisSubscriptionEvent/up`` messages may be lost: what relies on them (a near cache) must be off while
/// ``isUp`` is false, and be emptied at each ``RedisSubscriptionEvent/down``.
public final class RedisSubscription: Sendable {
    /// The channel.
    public let channel: String
    /// What happens, in order, for one reader. Ends when the subscription is cancelled.
    public let events: AsyncStream<RedisSubscriptionEvent>

    private let link: RedisLink
    private let sink: AsyncStream<RedisSubscriptionEvent>.Continuation
    private let up = Atomic(false)
    private let cancelled = Atomic(false)

    /// Events that may wait for the reader. When there are more the oldest are lost, and the connection is dropped,
    /// so that the reader hears of it by ``RedisSubscriptionEvent/down``.
    private static let bufferedEvents = 1_024

    init(
        channel: String, loop: EventLoop, configuration: RedisConfiguration, topology: any RedisTopology, log: RedisLog
    ) {
        self.channel = channel
        (events, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.bufferedEvents))
        link = RedisLink(
            loop: loop, name: configuration.endpoint.description, configuration: configuration, topology: topology,
            log: log
        ) { connection async throws(RedisError) in
            let confirmed = await withCheckedContinuation { (confirmed: CheckedContinuation<RedisError?, Never>) in
                let timer = loop.schedule(after: configuration.connectDeadline) {
                    connection.end(RedisError(.timedOut, "\(connection.address): SUBSCRIBE was not answered"))
                }
                connection.onEnd = { reason in
                    timer.cancel()
                    confirmed.resume(returning: reason)
                }
                connection.onMessage = { _ in
                    connection.onEnd = nil
                    connection.onMessage = nil
                    timer.cancel()
                    confirmed.resume(returning: nil)
                }
                connection.subscribe(channel)
            }
            if let confirmed { throw confirmed }
        }
    }

    deinit { link.loop.execute { [link] in link.stop() } }

    /// Whether messages are coming right now.
    public var isUp: Bool { up.load(ordering: .acquiring) }

    /// Whether it has been cancelled.
    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Ends the connection and the events.
    public func cancel() {
        cancelled.store(true, ordering: .releasing)
        up.store(false, ordering: .releasing)
        sink.finish()
        link.loop.execute { [link] in link.stop() }
    }

    func start() {
        guard !isCancelled else { return }
        sink.onTermination = { [weak self] _ in self?.cancelled.store(true, ordering: .releasing) }
        link.onUp = { [weak self] connection in
            guard let self else { return connection.end(RedisError(.unavailable, "the subscription was released")) }
            up.store(true, ordering: .releasing)
            deliver(.up)
            connection.onMessage = { [weak self] payload in
                if let payload { self?.deliver(.message(payload)) }
            }
        }
        link.onDown = { [weak self] _ in
            guard let self, up.exchange(false, ordering: .acquiringAndReleasing) else { return }
            deliver(.down)
        }
        link.start()
    }

    /// Where its connection leads to, while there is one. On the loop.
    var address: RedisAddress? { link.connection?.address }

    func reconnect(because reason: RedisError) { link.reconnect(because: reason) }

    private func deliver(_ event: RedisSubscriptionEvent) {
        switch sink.yield(event) {
        case .dropped where event != .down:
            link.reconnect(because: RedisError(.overloaded, "nobody reads the messages of \(channel)"))
        case .terminated: link.loop.execute { [link] in link.stop() }
        default: break
        }
    }
}
