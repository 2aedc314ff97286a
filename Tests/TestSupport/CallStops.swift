internal import Synchronization

/// Stops chosen requests at their n-th call of the chat server, as a filter of a ``GatewayRelay`` between the two: the
/// gateway can be killed at exactly that moment. The gateway's calls tell by `X-Request-Id` what they are for.
public final class CallStops: Sendable {
    /// When a call stops.
    public enum Moment: String, Sendable, CaseIterable {
        /// The server does not hear of it.
        case before
        /// The server has done it, and the answer is lost.
        case after
    }

    private struct State {
        var stops: [String: (call: Int, moment: Moment)] = [:]
        var calls: [String: Int] = [:]
        var reached: Set<String> = []
        /// Connections on which the answer is lost, and whose.
        var mute: [Int32: String] = [:]
    }

    private let state = Mutex(State())

    /// Stops nothing yet.
    public init() {}

    /// A request shall stop at its n-th call, counted from 1.
    public func stop(_ requestID: String, at call: Int, _ moment: Moment) {
        state.withLock { $0.stops[requestID] = (call, moment) }
    }

    /// The requests that stand still now.
    public var reached: Set<String> { state.withLock { $0.reached } }

    /// How many calls a request has made.
    public func calls(_ requestID: String) -> Int { state.withLock { $0.calls[requestID] ?? 0 } }

    /// What the relay asks.
    public func judge(_ bytes: ArraySlice<UInt8>, _ connection: Int32, _ isAnswer: Bool) -> GatewayRelay.Verdict {
        state.withLock { state in
            if isAnswer {
                guard let id = state.mute[connection] else { return .pass }
                state.reached.insert(id)
                return .swallow
            }
            guard let id = Self.requestID(bytes), let stop = state.stops[id] else { return .pass }
            // Nothing more comes from somebody who is as good as dead.
            guard !state.reached.contains(id) else { return .swallow }
            state.calls[id, default: 0] += 1
            guard state.calls[id] == stop.call else { return .pass }
            if stop.moment == .after {
                state.mute[connection] = id
                return .pass
            }
            state.reached.insert(id)
            return .swallow
        }
    }

    private static func requestID(_ bytes: ArraySlice<UInt8>) -> String? {
        let head = String(decoding: bytes.prefix(4_096), as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-request-id: ") }
        return line.map { String($0.dropFirst("x-request-id: ".count)) }
    }
}
