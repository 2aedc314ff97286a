internal import ChatBackend
public import Customers
internal import Synchronization

/// Loads and queues.
extension MemoryStores {
    /// See `RoomSessionStore.take(from:leastBusy:behindQueueOf:for:)`.
    public func take(
        from candidates: [AgentCandidate], leastBusy: Bool, behindQueueOf queue: DepartmentID?,
        for customer: CustomerHash
    ) async throws -> String? {
        let (tenant, slot) = (customer.tenant, State.slot(of: customer))
        return try await run("take") { state in
            let fence = state.locks[customer] ?? ""
            if let agent = candidates.first(where: { state.has($0.id, tenant, slot) }) {
                state.note("agent:\(agent.id)", fence, of: customer)
                return agent.id
            }
            if let queue, !state.queue(queue, tenant).isEmpty { return nil }
            let agent = state.pick(candidates, leastBusy: leastBusy, except: "", tenant)
            if let agent {
                state.hold(agent, tenant, slot)
                state.note("agent:\(agent)", fence, of: customer)
            }
            return agent
        }
    }

    /// See `RoomSessionStore.count(_:for:)`.
    public func count(_ agent: String, for customer: CustomerHash) async throws {
        try await run("count") { $0.hold(agent, customer.tenant, State.slot(of: customer)) }
    }

    /// See `RoomSessionStore.release(_:for:)`.
    public func release(_ agent: String, for customer: CustomerHash) async throws {
        try await run("release") { state in
            let note = "agent:\(agent)"
            let fence = state.openings[customer]?.notes[note]
            guard fence == nil || fence == state.locks[customer] ?? "" else { return }
            state.free(agent, customer.tenant, State.slot(of: customer))
            state.openings[customer]?.notes[note] = nil
        }
    }

    /// See `RoomSessionStore.enqueue(_:)`.
    public func enqueue(_ session: RoomSession) async throws -> Int? {
        try await run("enqueue") { state in
            let key = Key(tenant: session.customer.tenant, text: session.rid)
            guard let former = state.rooms[key]?.session, former.state.isOpen else { return nil }
            state.endPromotion(key)
            let isThere = former.state == .waiting && former.department == session.department
            state.rooms[key]?.session.state = .waiting
            state.rooms[key]?.session.department = session.department
            state.rooms[key]?.session.groupName = session.groupName
            if !isThere { state.arrive(key) }
            state.moveSlot(of: session, from: former.department)
            state.touch(key)
            return state.place(of: session)
        }
    }

    /// See `RoomSessionStore.returnToQueue(_:keepingAgent:)`.
    public func returnToQueue(_ session: RoomSession, keepingAgent: Bool) async throws -> Int? {
        try await run("returnToQueue") { state in
            let key = Key(tenant: session.customer.tenant, text: session.rid)
            guard let room = state.rooms[key], room.session.state.isOpen, room.session.agent == session.agent else {
                return nil
            }
            state.endPromotion(key)
            if !keepingAgent {
                state.free(session.agent, key.tenant, session.rid)
                state.rooms[key]?.session.agent = ""
            }
            if room.session.state != .waiting || room.queued == nil {
                state.rooms[key]?.session.state = .waiting
                // Before all arrivals, in the order of opening.
                state.rooms[key]?.queued = -1_000_000 + Int(room.session.opened % 1_000_000)
                state.rooms[key]?.hasReturned = true
                state.rooms[key]?.arrival = nil
            }
            return state.rooms[key].map { state.place(of: $0.session) }
        }
    }

    /// See `RoomSessionStore.promoteNext(in:tenant:candidates:policy:)`.
    public func promoteNext(
        in department: DepartmentID, tenant: TenantID, candidates: [AgentCandidate], policy: RoutingPolicy
    ) async throws -> Promotion? {
        try await run("promoteNext") { state in
            for rid in state.queue(department, tenant) {
                let key = Key(tenant: tenant, text: rid)
                guard let room = state.rooms[key], room.promoting == nil else { continue }
                if room.hasReturned, candidates.contains(where: { $0.id == room.session.agent }) {
                    state.rooms[key]?.promoting = room.session.agent
                    return Promotion(session: room.session, agent: room.session.agent)
                }
                let last = policy == .sticky ? state.customers[room.session.customer]?.lastAgent : nil
                let fit = candidates.filter {
                    $0.id != room.session.agent
                        && (!room.visitors.contains($0.id) || room.abandoned.contains($0.id))
                }
                if let agent = fit.first(where: { state.has($0.id, tenant, rid) })?.id
                    ?? state.pick(
                        fit, leastBusy: policy == .leastBusy, except: room.session.agent, tenant, preferred: last ?? "")
                {
                    state.rooms[key]?.abandoned.remove(agent)
                    state.hold(agent, tenant, rid)
                    state.rooms[key]?.promoting = agent
                    if room.session.kind == .group {
                        state.rooms[key]?.visitors.insert(agent)
                    } else {
                        state.note("slot:direct", "promotion", of: room.session.customer)
                        state.note("agent:\(agent)", "promotion", of: room.session.customer)
                    }
                    return Promotion(session: room.session, agent: agent)
                }
                if room.session.agent.isEmpty { return nil }
            }
            return nil
        }
    }

    /// Nothing runs out here while time stands still.
    public func keepUp(_ promotion: Promotion) async throws {
        try await run("keepUp") { _ in }
    }

    /// See `RoomSessionStore.undo(_:toEnd:)`.
    public func undo(_ promotion: Promotion, toEnd: Bool) async throws {
        try await run("undo") { state in
            let session = promotion.session
            let key = Key(tenant: session.customer.tenant, text: session.rid)
            let now = state.rooms[key]
            if now?.session.agent != promotion.agent {
                if now?.visitors.contains(promotion.agent) == true {
                    state.rooms[key]?.abandoned.insert(promotion.agent)
                } else {
                    state.free(promotion.agent, key.tenant, session.rid)
                }
            }
            guard now?.session.state == .waiting, now?.promoting == promotion.agent else { return }
            // A room that rests has a promotion to nobody.
            state.rooms[key]?.promoting = toEnd ? "" : nil
            if toEnd { state.arrive(key) }
        }
    }

    /// See `RoomSessionStore.waiting(in:tenant:)`.
    public func waiting(in departments: [DepartmentID], tenant: TenantID) async throws -> [DepartmentID] {
        try await run("waiting") { state in departments.filter { !state.queue($0, tenant).isEmpty } }
    }

    /// See `RoomSessionStore.log(_:of:tenant:)`.
    public func log(_ record: TransferRecord, of rid: String, tenant: TenantID) async throws {
        try await run("log") { state in
            var record = record
            record.at = state.time
            state.rooms[Key(tenant: tenant, text: rid)]?.log.append(record)
        }
    }

    /// See `RoomSessionStore.transfers(of:tenant:)`.
    public func transfers(of rid: String, tenant: TenantID) async throws -> [TransferRecord] {
        try await run("transfers") { $0.rooms[Key(tenant: tenant, text: rid)]?.log ?? [] }
    }

    /// See `RoomSessionStore.noteVisitor(_:isIn:rid:tenant:)`.
    public func noteVisitor(_ agent: String, isIn: Bool, rid: String, tenant: TenantID) async throws {
        try await run("noteVisitor") { state in
            let key = Key(tenant: tenant, text: rid)
            let room = state.rooms[key]
            if !isIn, room?.session.agent != agent, room?.promoting != agent { state.free(agent, tenant, rid) }
            if isIn, let room {
                state.rooms[key]?.visitors.insert(agent)
                state.free(agent, tenant, State.slot(of: room.session.customer))
                state.hold(agent, tenant, rid)
            } else {
                state.rooms[key]?.visitors.remove(agent)
            }
            state.rooms[key]?.abandoned.remove(agent)
        }
    }

    /// Lets rooms that rest after a promotion that failed be served again, as time does.
    public func endRest() {
        state.withLock { state in
            for (key, room) in state.rooms where room.promoting == "" { state.rooms[key]?.promoting = nil }
        }
    }
}
