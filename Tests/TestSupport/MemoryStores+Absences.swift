public import Customers
internal import Synchronization

extension MemoryStores: AbsenceStore {
    /// See `AbsenceStore.begin(tenant:interval:)`.
    public func begin(tenant: TenantID, interval: Int64) async throws -> AbsenceTurn {
        try await run("beginAbsences") { state in
            guard state.loads.keys.contains(where: { $0.tenant == tenant }) else { return .needless }
            if let until = state.absenceTurns[tenant], until > state.time { return .taken }
            state.absenceTurns[tenant] = state.time + interval
            return .ours
        }
    }

    /// See `AbsenceStore.note(present:longerThan:tenant:)`.
    public func note(present: [String], longerThan milliseconds: Int64, tenant: TenantID) async throws -> [String] {
        try await run("noteAbsences") { state in
            let busy = state.loads.keys.filter { $0.tenant == tenant }
            for key in state.away.keys where present.contains(key.text) || !busy.contains(key) { state.away[key] = nil }
            for key in busy where !present.contains(key.text) && state.away[key] == nil { state.away[key] = state.time }
            return state.away.filter { $0.value <= state.time - milliseconds && $0.key.tenant == tenant }
                .sorted { ($0.value, $0.key.text) < ($1.value, $1.key.text) }.map(\.key.text)
        }
    }

    /// See `AbsenceStore.absence(of:tenant:)`.
    public func absence(of agent: String, tenant: TenantID) async throws -> Int64? {
        try await run("absence") { state in
            state.away[Key(tenant: tenant, text: agent)].map { state.time - $0 }
        }
    }

    /// See `AbsenceStore.rooms(of:limit:tenant:)`.
    public func rooms(of agent: String, limit: Int, tenant: TenantID) async throws -> [String] {
        try await run("agentRooms") { state in
            state.rooms.filter { key, room in
                key.tenant == tenant && room.session.agent == agent
                    && (room.session.state == .assigned || room.session.state == .offline)
            }.sorted { ($0.value.session.opened, $0.key.text) < ($1.value.session.opened, $1.key.text) }
                .prefix(limit).map(\.key.text)
        }
    }
}
