public import ChatBackend

/// Who of a tenant's agents is there: asked of the chat server at most every few seconds by the whole fleet.
public actor AgentBoard {
    private let chat: any ChatBackend
    private let store: any PresenceStore
    /// Callers who wait for a question that is under way, by tenant.
    private var waiters: [TenantID: [CheckedContinuation<[AgentPresence], any Error>]] = [:]

    /// Makes a board over a chat server and what the fleet shares.
    public init(chat: any ChatBackend, store: any PresenceStore) {
        self.chat = chat
        self.store = store
    }

    /// All agents of the tenant that the chat server knows, with their ids.
    ///
    /// - Throws: `StoreError`, or `ChatBackendError` when nobody knew and the chat server cannot be asked.
    public func presence(of tenant: Tenant) async throws -> [AgentPresence] {
        while waiters[tenant.id] != nil {
            do {
                return try await withCheckedThrowingContinuation { waiters[tenant.id, default: []].append($0) }
            } catch  where Self.isCancellation(error) && !Task.isCancelled {
                // Only the call that asked was given up; ask in its place.
            }
        }
        waiters[tenant.id] = []
        let result: Result<[AgentPresence], any Error>
        do {
            result = .success(try await ask(tenant))
        } catch {
            result = .failure(error)
        }
        for waiter in waiters.removeValue(forKey: tenant.id) ?? [] { waiter.resume(with: result) }
        return try result.get()
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || error as? ChatBackendError == .cancelled || Task.isCancelled
    }

    private func ask(_ tenant: Tenant) async throws -> [AgentPresence] {
        if let known = try await store.presence(tenant: tenant.id) { return known }
        let usernames = tenant.agents.map(\.username)
        guard !usernames.isEmpty else { return [] }
        let presence = try await chat.presence(ofAgents: usernames)
        try await store.save(presence, tenant: tenant.id)
        return presence
    }
}
