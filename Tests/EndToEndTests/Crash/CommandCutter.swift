import Synchronization
import TestSupport

/// Cuts a relay in front of Redis at the n-th time that something is sent to it.
final class CommandCutter: Sendable {
    private struct State {
        /// How many more are passed on; nil while it does nothing.
        var left: Int?
        var wasCut = false
        var moment = CallStops.Moment.before
        /// The connection whose answer is lost.
        var mute: Int32?
    }

    private let state = Mutex(State())

    /// From now on the n-th is cut off, counted from 1: before Redis has it, or after it was done, with its answer.
    func cut(at command: Int, _ moment: CallStops.Moment) {
        state.withLock { $0 = State(left: command - 1, moment: moment) }
    }

    /// Does nothing from now on.
    ///
    /// - Returns: whether it cut.
    func stop() -> Bool {
        state.withLock { state in
            state.left = nil
            state.mute = nil
            return state.wasCut
        }
    }

    /// What the relay asks.
    func judge(_ bytes: ArraySlice<UInt8>, _ connection: Int32, _ isAnswer: Bool) -> GatewayRelay.Verdict {
        state.withLock { state in
            if isAnswer {
                guard state.mute == connection else { return .pass }
                state.wasCut = true
                return .cut
            }
            guard let left = state.left else { return .pass }
            guard left == 0 else {
                state.left = left - 1
                return .pass
            }
            state.left = nil
            if state.moment == .after {
                state.mute = connection
                return .pass
            }
            state.wasCut = true
            return .cut
        }
    }
}
