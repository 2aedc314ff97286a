public import Customers
internal import Synchronization

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
            let session = (asked ?? inSlot).map { state.stored($0.session) }
            return FoundCustomer(
                record: record, session: session, openRooms: stored.open, lastAgent: stored.lastAgent)
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

    /// See `CustomerStore.keepToken(_:of:)`.
    public func keepToken(_ digest: String, of customer: CustomerHash) async throws {
        try await run("keepToken") { state in
            if state.owners[digest] == nil { state.owners[digest] = TokenOwner(customer: customer, isLive: true) }
        }
    }

    /// See `CustomerStore.retireToken(_:of:)`.
    public func retireToken(_ digest: String, of customer: CustomerHash) async throws {
        try await run("retireToken") { $0.owners[digest] = TokenOwner(customer: customer, isLive: false) }
    }

    /// See `CustomerStore.lock(_:opening:)`.
    public func lock(_ customer: CustomerHash, opening: Opening?) async throws -> String? {
        try await run("lock") { state in
            guard state.locks[customer] == nil else { return nil }
            state.arrivals += 1
            let fence = "fence-\(state.arrivals)"
            state.locks[customer] = fence
            guard let opening else { return fence }
            state.note("slot:\(opening.slot.text)", fence, of: customer)
            if case .department(let id) = opening.slot { state.openings[customer]?.groups[id] = opening.groupName }
            if let key = opening.key { state.openings[customer]?.key = key }
            return fence
        }
    }

    /// See `CustomerStore.keepLock(_:fence:)`.
    public func keepLock(_ customer: CustomerHash, fence: String) async throws -> Bool {
        try await run("keepLock") { $0.locks[customer] == fence }
    }

    /// See `CustomerStore.unlock(_:fence:isSettled:)`.
    public func unlock(_ customer: CustomerHash, fence: String, isSettled: Bool) async throws {
        try await run("unlock") { state in
            guard state.locks[customer] == fence else { return }
            state.locks[customer] = nil
            if isSettled { state.endOpening(of: customer) { $1 == fence } }
        }
    }
}

extension MemoryStores: PresenceStore {
    /// See `PresenceStore.look(tenant:fence:)`.
    public func look(tenant: TenantID, fence: String?) async throws -> PresenceLook {
        try await run("presence") { state in
            let paused = state.paused[tenant] ?? []
            var fresh = state.presence[tenant]
            fresh?.paused = paused
            let hasTurn = fresh == nil && fence != nil && state.presenceTurns[tenant] == nil
            if hasTurn { state.presenceTurns[tenant] = fence }
            let seen = state.seen[tenant]
            return PresenceLook(
                fresh: fresh, last: seen?.agents, lastAge: seen.map { state.time - $0.at } ?? 0, paused: paused,
                hasTurn: hasTurn)
        }
    }

    /// See `PresenceStore.renewTurn(_:tenant:)`.
    public func renewTurn(_ fence: String, tenant: TenantID) async throws -> Bool {
        try await run("renewTurn") { $0.presenceTurns[tenant] == fence }
    }

    /// See `PresenceStore.save(_:tenant:fence:)`.
    public func save(_ roster: AgentRoster, tenant: TenantID, fence: String) async throws {
        try await run("savePresence") { state in
            state.presence[tenant] = roster
            if roster.source != .lastSeen { state.seen[tenant] = (roster.agents, state.time) }
            if state.presenceTurns[tenant] == fence { state.presenceTurns[tenant] = nil }
        }
    }

    /// See `PresenceStore.endTurn(_:tenant:)`.
    public func endTurn(_ fence: String, tenant: TenantID) async throws {
        try await run("endTurn") { if $0.presenceTurns[tenant] == fence { $0.presenceTurns[tenant] = nil } }
    }

    /// See `PresenceStore.setPaused(_:username:tenant:)`.
    public func setPaused(_ isPaused: Bool, username: String, tenant: TenantID) async throws {
        try await run("setPaused") { state in
            if isPaused {
                state.paused[tenant, default: []].insert(username.lowercased())
            } else {
                state.paused[tenant]?.remove(username.lowercased())
            }
        }
    }

    /// Another gateway has the turn to ask the chat server, or, with nil, nobody has.
    public func givePresenceTurn(to fence: String?, tenant: TenantID) {
        state.withLock { $0.presenceTurns[tenant] = fence }
    }
}

extension MemoryStores: RateLimiter {
    /// Counts down and never refills: a test's time stands still.
    public func take(_ bucket: String, limit: RateLimit) async throws -> Int? {
        try await take([RateBucket(bucket, limit)])
    }

    /// See `RateLimiter.take(_:)`.
    public func take(_ buckets: [RateBucket]) async throws -> Int? {
        try await run("takeToken") { state in
            for bucket in buckets where (state.tokens[bucket.name] ?? bucket.limit.count) <= 0 {
                return bucket.limit.seconds
            }
            for bucket in buckets { state.tokens[bucket.name, default: bucket.limit.count] -= 1 }
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
