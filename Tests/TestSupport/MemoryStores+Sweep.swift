public import Customers
internal import Synchronization

extension MemoryStores: SweepStore {
    private static let turn: Int64 = 20_000
    private static let pause: Int64 = 800

    /// See `SweepStore.begin(tenant:ages:limit:)`.
    public func begin(tenant: TenantID, ages: [SweepRule: Int64], limit: Int) async throws -> SweepTurn? {
        try await run("beginSweep") { state in
            if let turn = state.turns[tenant], turn.until > state.time { return nil }
            state.arrivals += 1
            let fence = "turn-\(state.arrivals)"
            let due = SweepRule.allCases.flatMap { rule -> [SweepTurn.Room] in
                guard let age = ages[rule], age > 0 else { return [] }
                if rule == .opening {
                    return state.openings.filter { $0.key.tenant == tenant && $0.value.since <= state.time - age }
                        .sorted { ($0.value.since, $0.key.hash) < ($1.value.since, $1.key.hash) }.prefix(limit)
                        .map { SweepTurn.Room(rid: $0.key.hash, rule: rule, failures: $0.value.failures) }
                }
                let rooms = state.rooms.filter { key, room in
                    key.tenant == tenant && room.since[rule].map { $0 <= state.time - age } ?? false
                }
                return rooms.sorted {
                    ($0.value.since[rule] ?? 0, $0.key.text) < ($1.value.since[rule] ?? 0, $1.key.text)
                }
                .prefix(limit)
                .map { SweepTurn.Room(rid: $0.key.text, rule: rule, failures: $0.value.failures) }
            }
            state.turns[tenant] = (fence, state.time + (due.isEmpty ? Self.pause : Self.turn))
            return SweepTurn(tenant: tenant, fence: fence, due: due)
        }
    }

    /// See `SweepStore.renew(_:)`.
    public func renew(_ turn: SweepTurn) async throws -> Bool {
        try await run("renewSweep") { $0.keep(turn, for: Self.turn) }
    }

    /// See `SweepStore.end(_:)`.
    public func end(_ turn: SweepTurn) async throws {
        _ = try await run("endSweep") { $0.keep(turn, for: Self.pause) }
    }

    /// See `SweepStore.postpone(_:by:age:tenant:)`.
    public func postpone(_ room: SweepTurn.Room, by delay: Int64, age: Int64, tenant: TenantID) async throws {
        try await run("postpone") { state in
            if room.rule == .opening {
                let customer = CustomerHash(tenant: tenant, hash: room.rid)
                state.openings[customer]?.failures += 1
                state.openings[customer]?.since = state.time - age + delay
                return
            }
            let key = Key(tenant: tenant, text: room.rid)
            guard let since = state.rooms[key]?.since[room.rule] else { return }
            state.rooms[key]?.failures += 1
            state.rooms[key]?.since[room.rule] = max(since, state.time - age + delay)
        }
    }

    /// See `SweepStore.forget(_:tenant:)`.
    public func forget(_ room: SweepTurn.Room, tenant: TenantID) async throws {
        try await run("forget") { $0.rooms[Key(tenant: tenant, text: room.rid)]?.since[room.rule] = nil }
    }

    /// See `SweepStore.lapsedOpening(of:)`.
    public func lapsedOpening(of customer: CustomerHash) async throws -> LapsedOpening? {
        try await run("lapsedOpening") { state in
            let rid = state.customers[customer]?.slots[RoomSlot.direct.text]
            guard rid.flatMap({ state.rooms[Key(tenant: customer.tenant, text: $0)]?.promoting }) == nil else {
                return nil
            }
            let opening = state.openings[customer] ?? OpeningNotes(since: 0)
            let groups = opening.groups.filter { opening.notes["slot:\($0.key.text)"] != nil }
            return LapsedOpening(
                customer: customer, key: opening.key, groups: groups, isDirect: opening.notes["slot:direct"] != nil,
                agents: opening.notes.keys.compactMap(State.agent(inNote:)).sorted())
        }
    }

    /// See `SweepStore.free(_:)`.
    public func free(_ opening: LapsedOpening) async throws {
        try await run("freeOpening") { state in
            for agent in opening.agents {
                state.free(agent, opening.customer.tenant, State.slot(of: opening.customer))
            }
        }
    }

    /// See `SweepStore.end(_:)`.
    public func end(_ opening: LapsedOpening) async throws {
        try await run("endOpening") { $0.endOpening(of: opening.customer) { _, _ in true } }
    }

    /// Customers for whom something is noted that may have been made.
    public var openings: Set<CustomerHash> { state.withLock { Set($0.openings.keys) } }

    /// Lets the store's clock go on.
    public func passTime(milliseconds: Int64) { state.withLock { $0.time += milliseconds } }

    /// Frees all customers' locks, as when they run out after a gateway died.
    public func expireLocks() { state.withLock { $0.locks = [:] } }
}

extension MemoryStores.State {
    fileprivate mutating func keep(_ turn: SweepTurn, for milliseconds: Int64) -> Bool {
        guard let now = turns[turn.tenant], now.fence == turn.fence, now.until > time else { return false }
        turns[turn.tenant]?.until = time + milliseconds
        return true
    }

    /// What somebody is about to make for a customer, or whom they took for that.
    mutating func note(_ note: String, _ fence: String, of customer: CustomerHash) {
        var opening = openings[customer] ?? MemoryStores.OpeningNotes(since: time)
        opening.notes[note] = opening.notes[note] ?? fence
        (opening.since, opening.failures) = (time, 0)
        openings[customer] = opening
    }

    /// Notes are over; slots that were kept are free.
    mutating func endOpening(of customer: CustomerHash, where isOver: (String, String) -> Bool) {
        for (note, fence) in openings[customer]?.notes ?? [:] where isOver(note, fence) {
            openings[customer]?.notes[note] = nil
            if let agent = Self.agent(inNote: note) { free(agent, customer.tenant, Self.slot(of: customer)) }
        }
        if openings[customer]?.notes.isEmpty == true { openings[customer] = nil }
    }

    static func agent(inNote note: String) -> String? {
        note.hasPrefix("agent:") ? String(note.dropFirst("agent:".count)) : nil
    }
}
