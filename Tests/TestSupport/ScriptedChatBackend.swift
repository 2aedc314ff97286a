public import ChatBackend
internal import Synchronization

/// A chat server in memory: keeps accounts, tokens and rooms, writes a journal, fails and waits when told to.
public final class ScriptedChatBackend: ChatBackend {
    /// What can be called, failed and held.
    public enum Operation: String, Sendable, Hashable, CaseIterable {
        case createCustomer, findCustomer, findGroup, mintToken, revokeToken, presence, openDirectRoom, openGroup,
            members, addMember
        case removeMember, renameGroup, history, removeRoom, archiveRoom, health
    }

    /// A call that came in, in the order of their beginnings.
    public struct Entry: Sendable, Hashable {
        /// What was called.
        public var operation: Operation
        /// The account's username or the room's id.
        public var subject: String
        /// Who else it was about: a user id, or a new name.
        public var object: String
        /// The members of the room once the call was done; empty for calls without a room.
        public var members: Set<String>
    }

    /// A room as the server has it.
    public struct Room: Sendable {
        /// Direct room or group.
        public var kind: RoomKind
        /// The unique name of a group.
        public var name: String
        /// What people see.
        public var topic: String
        /// User ids.
        public var members: Set<String>
        /// Closed for writing.
        public var isArchived = false
    }

    struct State {
        var accounts: [String: (account: ChatAccount, email: String)] = [:]
        var agents: [String: AgentPresence] = [:]
        var rooms: [String: Room] = [:]
        var tokens: [String: String] = [:]
        var otherPasswords: Set<String> = []
        var journal: [Entry] = []
        var failures: [Operation: [ChatBackendError]] = [:]
        var lateFailures: [Operation: [ChatBackendError]] = [:]
        var isHeld: Set<Operation> = []
        var held: [Operation: [CheckedContinuation<Void, Never>]] = [:]
        var pages: [HistoryPage] = []
        var queries: [HistoryQuery] = []
        var presenceIsSwitchedOff = false
        var nextID = 0

        mutating func makeID(_ prefix: String) -> String {
            nextID += 1
            return "\(prefix)\(nextID)"
        }
    }

    let state: Mutex<State>
    private let arrivals = WaitableState<[Operation]>([])

    /// Starts with these agents; their ids are `agent-<username>`.
    public init(agents: [String: PresenceStatus] = ["anna": .online]) {
        var state = State()
        for (username, status) in agents {
            state.agents[username] = AgentPresence(id: Self.id(ofAgent: username), username: username, status: status)
        }
        self.state = Mutex(state)
    }

    /// The id of an agent of ``init(agents:)``.
    public static func id(ofAgent username: String) -> String { "agent-\(username)" }

    /// The username of an agent by their id.
    public func username(ofAgent id: String) -> String? {
        state.withLock { $0.agents.values.first { $0.id == id }?.username }
    }

    // MARK: What a test tells it

    /// The next call of this operation fails with this, before it has any effect; several stand in line.
    public func fail(_ operation: Operation, _ error: ChatBackendError, times: Int = 1) {
        state.withLock { $0.failures[operation, default: []] += Array(repeating: error, count: times) }
    }

    /// The next call of this operation has its effect and fails with this all the same: the answer was lost.
    public func loseAnswer(_ operation: Operation, _ error: ChatBackendError = .timedOut) {
        state.withLock { $0.lateFailures[operation, default: []].append(error) }
    }

    /// Calls of this operation wait for ``letGo(_:)``.
    public func hold(_ operation: Operation) {
        _ = state.withLock { $0.isHeld.insert(operation) }
    }

    /// Lets all waiting calls of this operation go on, and those to come.
    public func letGo(_ operation: Operation) {
        let waiting = state.withLock { state in
            state.isHeld.remove(operation)
            return state.held.removeValue(forKey: operation) ?? []
        }
        for call in waiting { call.resume() }
    }

    /// Returns once this operation has begun so many times in all.
    public func waitFor(_ operation: Operation, count: Int = 1) async throws {
        _ = try await arrivals.wait(for: "\(count) \(operation.rawValue)") { begun in
            begun.count { $0 == operation } >= count ? true : nil
        }
    }

    /// An agent's status from now on; nil removes their account.
    public func set(_ username: String, _ status: PresenceStatus?) {
        state.withLock { state in
            state.agents[username] = status.map {
                AgentPresence(id: Self.id(ofAgent: username), username: username, status: $0)
            }
        }
    }

    /// The list of the present is switched off, or on again.
    public func switchPresenceOff(_ isOff: Bool = true) { state.withLock { $0.presenceIsSwitchedOff = isOff } }

    /// Makes an account that is not ours.
    public func occupy(username: String, email: String = "somebody@example.com") {
        state.withLock { state in
            let id = state.makeID("user-")
            state.accounts[username] = (ChatAccount(id: id, username: username, name: username), email)
        }
    }

    /// The pages that ``history(_:)`` answers, in order; then an empty one.
    public func answerHistory(_ pages: HistoryPage...) { state.withLock { $0.pages += pages } }

    /// Makes a token dead, as when its owner logs out.
    public func killToken(_ token: String) { state.withLock { $0.tokens[token] = nil } }

    /// These accounts have another password than the gateway knows.
    public func refusesPasswords(of usernames: Set<String>) { state.withLock { $0.otherPasswords = usernames } }

    /// Takes a room away, as when an administrator removes it.
    public func loseRoom(_ rid: String) { state.withLock { $0.rooms[rid] = nil } }

    // MARK: What a test asks it

    /// All calls so far.
    public var journal: [Entry] { state.withLock { $0.journal } }

    /// The operations called so far.
    public var operations: [Operation] { journal.map(\.operation) }

    /// How often this operation was called.
    public func count(_ operation: Operation) -> Int { operations.count { $0 == operation } }

    /// The rooms there are.
    public var rooms: [String: Room] { state.withLock { $0.rooms } }

    /// The usernames of all customers' accounts, sorted.
    public var usernames: [String] { state.withLock { $0.accounts.keys.sorted() } }

    /// Whose token it is; nil when it is dead.
    public func owner(of token: String) -> String? { state.withLock { $0.tokens[token] } }

    /// The queries that ``history(_:)`` got.
    public var queries: [HistoryQuery] { state.withLock { $0.queries } }

    // MARK: Calls

    /// Notes the call, waits if it is held, fails if it shall, else does it.
    func run<Value: Sendable>(
        _ operation: Operation, _ subject: String, _ object: String = "",
        _ body: @Sendable (inout State) -> Result<Value, ChatBackendError>
    ) async throws(ChatBackendError) -> Value {
        arrivals.change { $0.append(operation) }
        await withCheckedContinuation { call in
            let isHeld = state.withLock { state in
                guard state.isHeld.contains(operation) else { return false }
                state.held[operation, default: []].append(call)
                return true
            }
            if !isHeld { call.resume() }
        }
        let result: Result<Value, ChatBackendError> = state.withLock { state in
            let failure = Self.next(&state.failures, operation)
            var result = failure.map { .failure($0) } ?? body(&state)
            if failure == nil, let late = Self.next(&state.lateFailures, operation) { result = .failure(late) }
            let members = state.rooms[subject]?.members ?? []
            state.journal.append(Entry(operation: operation, subject: subject, object: object, members: members))
            return result
        }
        return try result.get()
    }

    private static func next(
        _ failures: inout [Operation: [ChatBackendError]], _ operation: Operation
    ) -> ChatBackendError? {
        guard var list = failures[operation], !list.isEmpty else { return nil }
        let first = list.removeFirst()
        failures[operation] = list
        return first
    }
}
