public import Customers

extension MemoryStores: RoomSessionStore {
    /// See `RoomSessionStore.find(_:tenant:)`.
    public func find(_ rid: String, tenant: TenantID) async throws -> StoredSession? {
        try await run("findRoom") { state in
            guard let room = state.rooms[Key(tenant: tenant, text: rid)] else { return nil }
            return state.stored(room.session)
        }
    }

    /// See `RoomSessionStore.open(_:)`.
    public func open(_ session: RoomSession) async throws -> StoredSession {
        try await run("open") { state in
            let tenant = session.customer.tenant
            let key = Key(tenant: tenant, text: session.rid)
            state.endPromotion(key)
            if let former = state.rooms[key] {
                for agent in [former.session.agent] + former.visitors { state.free(agent, tenant, session.rid) }
            }
            state.free(session.agent, tenant, MemoryStores.State.slot(of: session.customer))
            state.hold(session.agent, tenant, session.rid)
            state.closed[key] = nil
            state.rooms[key] = Room(session: session)
            state.customers[session.customer, default: Customer()].slots[session.slot.text] = session.rid
            state.customers[session.customer]?.open.insert(session.rid)
            if !session.agent.isEmpty { state.customers[session.customer]?.lastAgent = session.agent }
            if session.state == .waiting { state.arrive(key) }
            state.touch(key)
            return state.stored(session)
        }
    }

    /// See `RoomSessionStore.assign(_:from:)`.
    public func assign(_ session: RoomSession, from former: RoomSession) async throws -> Bool {
        try await run("assign") { state in
            let tenant = session.customer.tenant
            let key = Key(tenant: tenant, text: session.rid)
            guard state.isStill(former, key) else { return false }
            if let room = state.rooms[key], room.promoting == session.agent, let arrival = room.arrival {
                let pace = (state.time - arrival.at) / Int64(max(1, arrival.place))
                state.paces[former.department] = max(
                    1, state.paces[former.department].map { ($0 * 4 + pace) / 5 } ?? pace)
            }
            state.rooms[key]?.arrival = nil
            state.rooms[key]?.hasReturned = false
            state.rooms[key]?.visitors.remove(session.agent)
            if !former.agent.isEmpty, former.agent != session.agent {
                state.rooms[key]?.visitors.insert(former.agent)
            }
            state.customers[session.customer]?.lastAgent = session.agent
            state.give(session.agent, key, to: session.rid, of: session.customer)
            state.rooms[key]?.session.agent = session.agent
            state.rooms[key]?.session.state = session.state
            state.rooms[key]?.session.department = session.department
            state.rooms[key]?.session.groupName = session.groupName
            state.rooms[key]?.queued = nil
            state.moveSlot(of: session, from: former.department)
            state.touch(key)
            return true
        }
    }

    /// See `RoomSessionStore.move(_:to:)`.
    public func move(_ former: RoomSession, to successor: RoomSession) async throws -> Bool {
        try await run("move") { state in
            let tenant = former.customer.tenant
            let (old, new) = (Key(tenant: tenant, text: former.rid), Key(tenant: tenant, text: successor.rid))
            guard state.isStill(former, old) else { return false }
            state.free(former.agent, tenant, former.rid)
            state.give(successor.agent, old, to: successor.rid, of: former.customer)
            if old != new {
                state.rooms[old]?.session.state = .moved
                state.rooms[old]?.session.agent = ""
                state.rooms[old]?.queued = nil
                state.rooms[old]?.since = [:]
                state.customers[former.customer]?.open.remove(former.rid)
            }
            state.rooms[new] = Room(session: successor)
            state.customers[former.customer]?.lastAgent = successor.agent
            state.touch(new)
            state.customers[former.customer]?.slots["direct"] = successor.rid
            state.customers[former.customer]?.open.insert(successor.rid)
            return true
        }
    }

    /// See `RoomSessionStore.beginClose(_:tenant:if:)`.
    public func beginClose(_ rid: String, tenant: TenantID, if idle: IdleRoom?) async throws -> RoomSession? {
        try await run("beginClose") { state in
            let key = Key(tenant: tenant, text: rid)
            guard let room = state.rooms[key], room.session.state != .archived else { return nil }
            if let idle {
                guard room.session.state.isOpen, let since = room.since[idle.rule],
                    since <= state.time - idle.milliseconds
                else { return nil }
            }
            state.endPromotion(key)
            state.rooms[key]?.session.state = .closing
            state.rooms[key]?.since = [.closing: state.time]
            state.rooms[key]?.failures = 0
            state.rooms[key]?.queued = nil
            return room.session
        }
    }

    /// See `RoomSessionStore.letGo(_:)`.
    public func letGo(_ session: RoomSession) async throws {
        try await run("letGo") { state in
            let key = Key(tenant: session.customer.tenant, text: session.rid)
            guard let room = state.rooms[key]?.session, room.state == .closing else { return }
            for agent in [room.agent] + (state.rooms[key]?.visitors ?? []) { state.free(agent, key.tenant, room.rid) }
            state.rooms[key]?.session.agent = ""
            state.rooms[key]?.visitors = []
        }
    }

    /// See `RoomSessionStore.touch(_:at:)`.
    public func touch(_ session: RoomSession, at time: Int64?) async throws {
        try await run("touch") { $0.touch(Key(tenant: session.customer.tenant, text: session.rid), at: time) }
    }

    /// See `RoomSessionStore.finishClose(_:archived:)`.
    public func finishClose(_ session: RoomSession, archived: Bool) async throws {
        try await run("finishClose") { state in
            let key = Key(tenant: session.customer.tenant, text: session.rid)
            if let room = state.rooms[key]?.session, room.state != .archived {
                state.endPromotion(key)
                for agent in [room.agent] + (state.rooms[key]?.visitors ?? []) {
                    state.free(agent, key.tenant, room.rid)
                }
                state.rooms[key]?.session.state = .archived
                state.rooms[key]?.since = [:]
                state.rooms[key]?.session.agent = ""
                if !archived { state.rooms[key] = nil }
            }
            if state.customers[session.customer]?.slots[session.slot.text] == session.rid {
                state.customers[session.customer]?.slots[session.slot.text] = nil
            }
            state.customers[session.customer]?.open.remove(session.rid)
            state.closed[key] = session.customer
        }
    }

    /// See `RoomSessionStore.closedRoom(_:tenant:)`.
    public func closedRoom(_ rid: String, tenant: TenantID) async throws -> CustomerHash? {
        try await run("closedRoom") { $0.closed[Key(tenant: tenant, text: rid)] }
    }
}

extension MemoryStores.State {
    func place(of session: RoomSession) -> Int {
        queue(session.department, session.customer.tenant).firstIndex(of: session.rid).map { $0 + 1 } ?? 0
    }

    func stored(_ session: RoomSession) -> StoredSession {
        let place = place(of: session)
        return StoredSession(session: session, place: place, pace: place > 0 ? paces[session.department] : nil)
    }

    mutating func arrive(_ key: MemoryStores.Key) {
        arrivals += 1
        rooms[key]?.queued = arrivals
        guard let session = rooms[key]?.session else { return }
        let place = place(of: session)
        rooms[key]?.arrival = (time, place)
        rooms[key]?.hasReturned = false
    }

    /// What keeps a room from being swept.
    mutating func touch(_ key: MemoryStores.Key, at asked: Int64? = nil) {
        guard let room = rooms[key], room.session.state.isOpen else { return }
        let at = max(room.since[.open] ?? .min, min(asked ?? time, time))
        let isLeft = room.session.state == .waiting && room.session.agent.isEmpty
        rooms[key]?.since = isLeft ? [.open: at, .waiting: max(room.since[.waiting] ?? .min, at)] : [.open: at]
        rooms[key]?.failures = 0
    }

    func isStill(_ former: RoomSession, _ key: MemoryStores.Key) -> Bool {
        guard let now = rooms[key]?.session else { return false }
        return now.state.isOpen && now.agent == former.agent && now.department == former.department
    }

    /// The slot that was kept for an agent, or the promotion, becomes the room itself.
    mutating func give(_ agent: String, _ key: MemoryStores.Key, to rid: String, of customer: CustomerHash) {
        endPromotion(key)
        free(agent, key.tenant, Self.slot(of: customer))
        hold(agent, key.tenant, rid)
    }
}
