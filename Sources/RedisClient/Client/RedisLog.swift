public import Logging
internal import Synchronization

/// What is said of Redis in the log of a program, each thing once: every event loop has connections of its own, and an
/// outage that all of them meet is one line, and so is its end.
///
/// Make one for a program and give it to each ``RedisClient``. From any thread.
public final class RedisLog: Sendable {
    private let logger: Logger
    private let state = Mutex(State())

    private struct Outage {
        var connections: Set<ObjectIdentifier> = []
        var reasons: Set<String> = []
    }

    private struct State {
        /// By what cannot be reached, as ``RedisLog/failed(_:to:_:level:)`` has it.
        var outages: [String: Outage] = [:]
        /// What has been told that is told once for all.
        var told: Set<String> = []
        var map: SlotMap?

        /// Whether an outage is over with this connection.
        mutating func leaves(_ connection: ObjectIdentifier, _ server: String) -> Bool {
            guard outages[server]?.connections.remove(connection) != nil, outages[server]?.connections.isEmpty == true
            else { return false }
            outages[server] = nil
            return true
        }
    }

    /// So many different reasons of one outage are told; a server could make up any number.
    private static let mostReasons = 16

    /// Makes a log that has told nothing yet.
    public init(_ logger: Logger) { self.logger = logger }

    /// Tells that a connection was lost or an attempt has failed, unless the same has been told of the server since all
    /// connections to it were up.
    func failed(_ connection: AnyObject, to server: String, _ text: String, level: Logger.Level = .warning) {
        let isNews = state.withLock { state in
            var outage = state.outages[server] ?? Outage()
            outage.connections.insert(ObjectIdentifier(connection))
            let isNews = outage.reasons.count < Self.mostReasons && outage.reasons.insert(text).inserted
            state.outages[server] = outage
            return isNews
        }
        if isNews { logger.log(level: level, "\(text)") }
    }

    /// Tells that a connection is up, when it is the first to this server or the last that was missing.
    func connected(_ connection: AnyObject, to server: String, _ text: String) {
        let isNews = state.withLock { state in
            let isFirst = state.told.insert(server).inserted
            return state.leaves(ObjectIdentifier(connection), server) || isFirst
        }
        if isNews { logger.info("\(text)") }
    }

    /// Forgets a connection that nobody wants any more.
    func forget(_ connection: AnyObject, to server: String) {
        state.withLock { _ = $0.leaves(ObjectIdentifier(connection), server) }
    }

    /// Warns of what will not change, once.
    func warnOnce(_ text: String) {
        if state.withLock({ $0.told.insert(text).inserted }) { logger.warning("\(text)") }
    }

    /// Tells that a cluster's slots lie elsewhere than before; the first map is no news.
    func learned(_ map: SlotMap) {
        let isNews = state.withLock { state in
            defer { state.map = map }
            return state.map.map { $0 != map } ?? false
        }
        if isNews { logger.notice("Redis cluster: the slots have moved") }
    }
}
