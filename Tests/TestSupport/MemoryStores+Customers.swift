public import ChatBackend
public import Customers

extension MemoryStores: CustomerStore {
    /// See `CustomerStore.find(_:slot:rid:)`.
    public func find(_ customer: CustomerHash, slot: RoomSlot?, rid: String?) async throws -> FoundCustomer? {
        try await run("find") { state in
            guard let stored = state.customers[customer], let record = stored.record else { return nil }
            let room = { (rid: String) in state.rooms[Key(tenant: customer.tenant, text: rid)] }
            let asked = rid.flatMap(room).flatMap {
                $0.session.customer == customer && $0.session.state.isOpen ? $0 : nil
            }
            let inSlot = slot.flatMap { stored.slots[$0.text] }.flatMap(room)
            (asked ?? inSlot).map { state.touch(Key(tenant: customer.tenant, text: $0.session.rid)) }
            let session = (asked ?? inSlot).map { found in
                StoredSession(session: found.session, place: state.place(of: found.session))
            }
            return FoundCustomer(record: record, session: session, openRooms: stored.open)
        }
    }

    /// See `CustomerStore.save(_:)`.
    public func save(_ record: CustomerRecord) async throws {
        try await run("saveCustomer") { state in
            state.customers[record.key.stored, default: Customer()].record = record
            guard !record.tokenDigest.isEmpty else { return }
            state.owners[record.tokenDigest] = TokenOwner(customer: record.key.stored, isLive: true)
        }
    }

    /// See `CustomerStore.owner(ofToken:)`.
    public func owner(ofToken digest: String) async throws -> TokenOwner? {
        try await run("owner") { $0.owners[digest] }
    }

    /// See `CustomerStore.retireToken(_:of:)`.
    public func retireToken(_ digest: String, of customer: CustomerHash) async throws {
        try await run("retireToken") { $0.owners[digest] = TokenOwner(customer: customer, isLive: false) }
    }

    /// See `CustomerStore.lock(_:)`.
    public func lock(_ customer: CustomerHash) async throws -> String? {
        try await run("lock") { state in
            guard state.locks[customer] == nil else { return nil }
            state.arrivals += 1
            state.locks[customer] = "fence-\(state.arrivals)"
            return state.locks[customer]
        }
    }

    /// See `CustomerStore.unlock(_:fence:)`.
    public func unlock(_ customer: CustomerHash, fence: String) async throws {
        try await run("unlock") { if $0.locks[customer] == fence { $0.locks[customer] = nil } }
    }
}

extension MemoryStores: PresenceStore {
    /// See `PresenceStore.presence(tenant:)`.
    public func presence(tenant: TenantID) async throws -> [AgentPresence]? {
        try await run("presence") { $0.presence[tenant] }
    }

    /// See `PresenceStore.save(_:tenant:)`.
    public func save(_ presence: [AgentPresence], tenant: TenantID) async throws {
        try await run("savePresence") { $0.presence[tenant] = presence }
    }
}

extension MemoryStores: RateLimiter {
    /// Counts down and never refills: a test's time stands still.
    public func take(_ bucket: String, limit: RateLimit) async throws -> Int? {
        try await run("takeToken") { state in
            let left = state.tokens[bucket] ?? limit.count
            guard left > 0 else { return limit.seconds }
            state.tokens[bucket] = left - 1
            return nil
        }
    }
}

extension MemoryStores: RevocationStore {
    /// See `RevocationStore.isRevoked(_:)`.
    public func isRevoked(_ jti: String) async throws -> Bool {
        try await run("isRevoked") { $0.revoked.contains(jti) }
    }

    /// See `RevocationStore.revoke(_:seconds:)`.
    public func revoke(_ jti: String, seconds: Int) async throws {
        _ = try await run("revoke") { $0.revoked.insert(jti) }
    }
}
