import ChatBackend
import Logging

/// Looks what became of accounts and rooms that were about to be made when a gateway died, or when a call failed that
/// may have had its effect: slots are freed, an account is recorded, a room in which nobody has written is removed.
struct SweepOpening {
    let services: Services
    let store: any SweepStore

    /// The chat server may yet be at work on a call whose caller has died: when there is nothing, it is looked once
    /// more after so many milliseconds, longer than any call may take.
    private static let secondLook: Int64 = 30_000

    /// Runs it, under the customer's lock; while a call has it, the opening goes on.
    func callAsFunction(_ due: SweepTurn.Room, age: Int64, tenant: Tenant) async throws {
        let customer = CustomerHash(tenant: tenant.id, hash: due.rid)
        _ = try await SingleFlight(services: services).runIfFree(for: customer) {
            guard let opening = try await store.lapsedOpening(of: customer) else { return }
            // Slots are kept until it has been looked: who has one may have been in a room that was there until now.
            let look = try await settle(opening, tenant)
            guard (look.hasFound || due.failures > 0) && !look.isUnfinished else {
                try await store.free(opening)
                return try await store.postpone(due, by: Self.secondLook, age: age, tenant: tenant.id)
            }
            try await store.end(opening)
        }
    }

    private struct Look {
        /// There was a room that was not stored.
        var hasFound = false
        /// An agent has no place for the room that looking for theirs makes.
        var isUnfinished = false
    }

    private func settle(_ opening: LapsedOpening, _ tenant: Tenant) async throws -> Look {
        var record = try await services.customers.find(opening.customer, slot: nil, rid: nil)?.record
        if record == nil, let key = opening.key { record = try await recordAccount(of: key) }
        // Without an account there is no room either.
        var look = Look()
        guard let record else { return look }
        for (department, name) in opening.groups {
            if try await settle(group: name, of: record.key, in: department, tenant) { look.hasFound = true }
        }
        if opening.isDirect { try await settleDirectRooms(opening, record, tenant, &look) }
        return look
    }

    /// Writes the record of an account that was made.
    private func recordAccount(of key: CustomerKey) async throws -> CustomerRecord? {
        for candidate in services.naming.accounts(for: key) {
            guard let account = try await services.chat.findCustomer(candidate) else { continue }
            let record = CustomerRecord(key: key, accountID: account.id, username: account.username)
            try await services.customers.save(record)
            log(
                "an account that was made and not recorded is recorded", key.stored, ["username": "\(account.username)"]
            )
            return record
        }
        return nil
    }

    private func settle(
        group name: String, of key: CustomerKey, in id: DepartmentID, _ tenant: Tenant
    ) async throws -> Bool {
        guard try await services.customers.find(key.stored, slot: .department(id), rid: nil)?.session == nil,
            let rid = try await services.chat.findGroup(named: name),
            try await services.rooms.find(rid, tenant: tenant.id) == nil
        else { return false }
        if try await removed(rid, .group, of: key.stored) { return true }
        // A conversation whose record was lost before: it gets a new one, as if the customer had called again.
        guard let department = tenant.department(id) else { return true }
        var opening: Opening? = Opening(group: name, of: key, with: id)
        _ = try await StartSession(services).open(
            key, StartSession.Request(tenant: tenant, department: department), &opening)
        return true
    }

    /// A direct room is found by making it: which agents it may be with was noted. It takes a slot like any other, were
    /// it for a moment.
    private func settleDirectRooms(
        _ opening: LapsedOpening, _ record: CustomerRecord, _ tenant: Tenant, _ look: inout Look
    ) async throws {
        let session = try await services.customers.find(opening.customer, slot: .direct, rid: nil)?.session?.session
        let agents = opening.agents.filter { $0 != session?.agent }
        guard !agents.isEmpty else { return }
        let signedIn = try await CustomerSignIn(services: services).storedToken(for: record)
        let roster = try await services.agents.roster(of: tenant)
        for agent in agents.compactMap({ roster.agent($0) }) {
            guard try await hasPlace(agent, for: opening.customer, tenant) else {
                look.isUnfinished = true
                continue
            }
            let room = try await services.chat.openDirectRoom(
                customer: record.account, credential: signedIn.credential, agent: agent)
            guard try await services.rooms.find(room.id, tenant: tenant.id) == nil else { continue }
            if room.isNew {
                try await services.chat.removeRoom(room.id, kind: .direct)
            } else if try await removed(room.id, .direct, of: opening.customer) {
                look.hasFound = true
            }
        }
    }

    /// The slot that was kept is theirs still, or they have another one.
    private func hasPlace(_ agent: AgentPresence, for customer: CustomerHash, _ tenant: Tenant) async throws -> Bool {
        // Nobody counts who is no agent any more.
        guard let known = tenant.agents.first(where: { $0.isSame(as: agent) }) else { return true }
        let candidate = AgentCandidate(id: agent.id, capacity: known.capacity)
        return try await AgentRouter(services: services).take([candidate], for: customer, tenant: tenant) != nil
    }

    /// - Returns: false when somebody has written there: then it is no room that never came to be.
    private func removed(_ rid: String, _ kind: RoomKind, of customer: CustomerHash) async throws -> Bool {
        let room = RoomSession(
            rid: rid, kind: kind, customer: customer, department: .zero, agent: "", state: .closing, groupName: "",
            opened: services.now())
        guard try await ReadHistory(services).newestMessage(of: room) == nil else {
            log("a room without a record has messages, and is kept", customer, ["rid": "\(rid)"])
            return false
        }
        try await services.chat.removeRoom(rid, kind: kind)
        log("a room that was made and not recorded is removed", customer, ["rid": "\(rid)"])
        return true
    }

    private func log(_ text: String, _ customer: CustomerHash, _ metadata: Logger.Metadata) {
        services.logger.notice(
            "\(text)", metadata: metadata.merging(["tenant": "\(customer.tenant)"], uniquingKeysWith: { $1 }))
    }
}
