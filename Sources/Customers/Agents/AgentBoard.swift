public import ChatBackend

/// Who of a tenant's agents is there: asked of the chat server at most every few seconds, by one gateway of the fleet.
public actor AgentBoard {
    private let chat: any ChatBackend
    private let store: any PresenceStore
    private let sleep: @Sendable (Duration) async throws -> Void
    /// Callers who wait for a question that is under way, by tenant.
    private var waiters: [TenantID: [CheckedContinuation<AgentRoster, any Error>]] = [:]

    /// How often somebody who waits for another gateway's answer looks for it.
    private static let lookInterval = Duration.milliseconds(25)
    /// How long they wait before they make do with what was last known.
    private static let patience = Duration.milliseconds(1_500)
    /// How long they wait when nothing is known at all.
    private static let longestWait = Duration.seconds(12)
    /// How long the chat server may take when there is something else to go by.
    private static let longestAsking = Duration.seconds(4)
    /// A turn lasts two seconds.
    private static let renewInterval = Duration.milliseconds(700)

    /// Makes a board over a chat server and what the fleet shares; `sleep` waits without a thread.
    public init(
        chat: any ChatBackend, store: any PresenceStore,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.chat = chat
        self.store = store
        self.sleep = sleep
    }

    /// All agents of the tenant that the chat server knows, with their ids.
    ///
    /// While the chat server does not say who is there, what was last known stands in
    /// (``AgentRoster/Source/lastSeen``).
    /// - Throws: `StoreError`, or `ChatBackendError` when nobody knew and the chat server cannot be asked.
    public func roster(of tenant: Tenant) async throws -> AgentRoster {
        while waiters[tenant.id] != nil {
            do {
                return try await withCheckedThrowingContinuation { waiters[tenant.id, default: []].append($0) }
            } catch  where Self.isCancellation(error) && !Task.isCancelled {
                // Only the call that asked was given up; ask in its place.
            }
        }
        waiters[tenant.id] = []
        let result: Result<AgentRoster, any Error>
        do {
            result = .success(try await find(tenant))
        } catch {
            result = .failure(error)
        }
        for waiter in waiters.removeValue(forKey: tenant.id) ?? [] { waiter.resume(with: result) }
        return try result.get()
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || error as? ChatBackendError == .cancelled || Task.isCancelled
    }

    /// What the fleet knows, or what the chat server says, or what was last known.
    private func find(_ tenant: Tenant) async throws -> AgentRoster {
        let usernames = tenant.agents.map(\.username)
        guard !usernames.isEmpty else { return AgentRoster(agents: []) }
        let fence = String(UInt64.random(in: .min ... .max), radix: 36)
        let begun = ContinuousClock.now
        while true {
            let look = try await store.look(tenant: tenant.id, fence: fence)
            if let fresh = look.fresh { return fresh }
            if look.hasTurn { return try await learn(usernames, tenant: tenant.id, fence: fence, look: look) }
            let waited = ContinuousClock.now - begun
            if waited >= Self.patience,
                let last = look.lastSeen(usernames, trouble: "another gateway waits for the chat server")
            {
                return last
            }
            guard waited < Self.longestWait else { throw ChatBackendError.timedOut }
            try await sleep(Self.lookInterval)
        }
    }

    private func learn(
        _ usernames: [String], tenant: TenantID, fence: String, look: PresenceLook
    ) async throws -> AgentRoster {
        var roster: AgentRoster
        do {
            let isBounded = look.lastSeen(usernames, trouble: "") != nil
            let agents = try await ask(
                usernames, known: look.last ?? [], tenant: tenant, fence: fence, isBounded: isBounded)
            let source: AgentRoster.Source = chat.presenceIsSwitchedOff ? .oneByOne : .chatServer
            roster = AgentRoster(agents: agents, paused: look.paused, source: source)
        } catch {
            guard !Self.isCancellation(error), error is ChatBackendError,
                let last = look.lastSeen(usernames, trouble: "\(error)")
            else {
                // A turn that cannot be given back runs out by itself.
                try? await store.endTurn(fence, tenant: tenant)
                throw error
            }
            roster = last
        }
        do {
            try await store.save(roster, tenant: tenant, fence: fence)
        } catch {
            try? await store.endTurn(fence, tenant: tenant)
            throw error
        }
        return roster
    }

    /// Asks the chat server, keeping the turn meanwhile.
    private func ask(
        _ usernames: [String], known: [AgentPresence], tenant: TenantID, fence: String, isBounded: Bool
    ) async throws -> [AgentPresence] {
        let ids = Dictionary(known.map { ($0.username.lowercased(), $0.id) }) { first, _ in first }
        let latest = ContinuousClock.now + Self.longestAsking
        let deadline = isBounded ? min(ChatDeadline.current ?? latest, latest) : ChatDeadline.current
        return try await withThrowingTaskGroup(of: [AgentPresence]?.self) { [chat, store, sleep] group in
            group.addTask {
                try await ChatDeadline.$current.withValue(deadline) {
                    try await chat.presence(ofAgents: usernames, known: ids)
                }
            }
            group.addTask {
                // A turn that is lost is no reason to throw an answer away that is on its way.
                while (try? await sleep(Self.renewInterval)) != nil,
                    (try? await store.renewTurn(fence, tenant: tenant)) == true
                {}
                return nil
            }
            defer { group.cancelAll() }
            while let answer = try await group.next() { if let answer { return answer } }
            throw ChatBackendError.cancelled
        }
    }
}
