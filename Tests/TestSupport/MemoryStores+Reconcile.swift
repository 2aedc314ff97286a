public import Customers
internal import Synchronization

extension MemoryStores: ReconcileStore {
    /// See `ReconcileStore.begin(tenant:departments:limit:)`.
    public func begin(
        tenant: TenantID, departments: [DepartmentID], limit: Int
    ) async throws -> ReconcileTurn? {
        try await run("beginReconcile") { state in
            if let until = state.reconcileTurns[tenant], until > state.time { return nil }
            state.reconcileTurns[tenant] = state.time + 60_000
            var lost = 0
            for key in state.loads.keys where key.tenant == tenant {
                let kept = (state.loads[key] ?? []).filter { rid in
                    let room = state.rooms[Key(tenant: tenant, text: rid)]
                    return rid.isEmpty || room?.promoting == key.text || room?.visitors.contains(key.text) ?? false
                        || room.map { $0.session.agent == key.text && $0.session.state.isOpen } ?? false
                }
                lost += (state.loads[key]?.count ?? 0) - kept.count
                state.loads[key] = kept.isEmpty ? nil : kept
            }
            let rooms = state.rooms.filter { $0.key.tenant == tenant && $0.value.session.state.isOpen }.keys.map(\.text)
            return ReconcileTurn(repairs: [.lostSlot: lost], rooms: Array(rooms.sorted().prefix(limit)))
        }
    }

    /// See `ReconcileStore.settle(_:tenant:)`.
    public func settle(_ rid: String, tenant: TenantID) async throws -> SettledRoom {
        try await run("settle") { state in
            let key = Key(tenant: tenant, text: rid)
            guard let room = state.rooms[key], room.session.state.isOpen else { return SettledRoom() }
            var repairs: [Repair] = []
            let counted = state.loads[Key(tenant: tenant, text: room.session.agent)] ?? []
            if !room.session.agent.isEmpty, !counted.contains(rid) {
                state.hold(room.session.agent, tenant, rid)
                repairs.append(.count)
            }
            if room.session.state == .waiting, room.queued == nil {
                state.arrive(key)
                repairs.append(.waitingRoom)
            }
            return SettledRoom(
                repairs: repairs, isPromoting: !(room.promoting ?? "").isEmpty, visitors: room.visitors.sorted())
        }
    }

    /// An agent is counted for a room that they do not have.
    public func countWrongly(_ rid: String, for agent: String, _ tenant: TenantID) {
        state.withLock { $0.hold(agent, tenant, rid) }
    }

    /// A room is counted for nobody, and is in no queue.
    public func forgetSlots(of rid: String, _ tenant: TenantID) {
        state.withLock { state in
            for key in state.loads.keys { state.free(key.text, tenant, rid) }
            state.rooms[Key(tenant: tenant, text: rid)]?.queued = nil
        }
    }
}
