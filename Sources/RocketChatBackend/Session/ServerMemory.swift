internal import Synchronization

/// What the server turned out not to allow, remembered until some time, so that the way around is taken at once.
final class ServerMemory: Sendable {
    enum Fact: Hashable, Sendable {
        /// `users.createToken` is refused: log customers in.
        case makesNoTokens
        /// The service account may not open rooms between two others: let the customer do it.
        case opensNoRoomsForOthers
        /// Customers' own calls of this route are over the rate limit.
        case limitsCustomers(route: String)
        /// Both ways to ask for several users' presence found nobody: do not try both every time.
        case presenceFormsTried
        /// `users.presence` names nobody and says that this is all (`Presence_broadcast_disabled`).
        case presenceIsSwitchedOff
    }

    /// How `users.presence` takes several ids.
    enum PresenceForm: Sendable {
        case unknown
        /// `ids=a,b`
        case commas
        /// `ids=a&ids=b`, on those 8.x that broke the other
        case repeated
    }

    private struct State {
        var facts: [Fact: Int64] = [:]
        var presenceForm = PresenceForm.unknown
        var longestAnswer: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Milliseconds for which a refusal is remembered.
    static let tenMinutes: Int64 = 600_000

    /// Whether it is remembered at this time.
    func holds(_ fact: Fact, at now: Int64) -> Bool {
        state.withLock { $0.facts[fact].map { now < $0 } ?? false }
    }

    func remember(_ fact: Fact, until end: Int64) {
        state.withLock { $0.facts[fact] = end }
    }

    func forget(_ fact: Fact) {
        state.withLock { $0.facts[fact] = nil }
    }

    var presenceForm: PresenceForm {
        get { state.withLock { $0.presenceForm } }
        set { state.withLock { $0.presenceForm = newValue } }
    }

    /// Notes how many messages a call brought and tells whether the list must have ended, as fewer came than were asked
    /// for. A server may cap pages without saying so; a route's longest answer so far proves what it does not cap.
    func isEnd(_ route: String, asked: Int, answered: Int) -> Bool {
        state.withLock { state in
            let longest = state.longestAnswer[route] ?? 0
            state.longestAnswer[route] = max(longest, answered)
            return answered == 0 || (answered < asked && answered < longest)
        }
    }
}
