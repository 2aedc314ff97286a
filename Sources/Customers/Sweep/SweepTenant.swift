import ChatBackend
import Logging

/// Finishes closes and takes back openings that were cut short, and closes rooms that customers have left: once, by one
/// gateway of the fleet.
public struct SweepTenant: Sendable {
    private let services: Services
    private let store: any SweepStore

    /// Makes the operation.
    public init(_ services: Services, store: any SweepStore) {
        self.services = services
        self.store = store
    }

    /// Rooms a rule in one round; the rest is due in the next.
    private static let batch = 20
    /// Whoever has begun this close or opening is at work on it for as long as the customer's lock is held; what is
    /// older than that takes is looked at.
    private static let unfinishedAge: Int64 = 3_000
    /// What a room's chat server calls may take together, well within a turn.
    private static let patience = Duration.seconds(12)
    /// From the first failure of a room to the next try, doubled with each further one, up to the longest. An opening
    /// may hold an agent's slot, and is tried again soon.
    private static let (firstDelay, longestDelay): (Int64, Int64) = (30_000, 900_000)

    /// Runs a round. Failures are logged; a room that failed is left in peace for a while, longer every time.
    public func callAsFunction(_ tenant: Tenant) async {
        await services.turn("a sweep", of: tenant) {
            let ages = Self.ages(of: tenant)
            guard let turn = try await store.begin(tenant: tenant.id, ages: ages, limit: Self.batch) else { return }
            for room in turn.due {
                guard !Task.isCancelled else { break }
                guard try await store.renew(turn) else { return }
                guard try await settle(room, age: ages[room.rule] ?? 0, tenant: tenant) else { break }
            }
            if !turn.due.isEmpty { try await store.end(turn) }
        }
    }

    private static func ages(of tenant: Tenant) -> [SweepRule: Int64] {
        var ages = [SweepRule.closing: unfinishedAge, .opening: unfinishedAge]
        if tenant.queueTTL > 0 { ages[.waiting] = Int64(tenant.queueTTL) * 1_000 }
        if tenant.sessionTTL > 0 { ages[.open] = Int64(tenant.sessionTTL) * 1_000 }
        return ages
    }

    /// - Returns: whether it makes sense to go on with the next.
    private func settle(_ room: SweepTurn.Room, age: Int64, tenant: Tenant) async throws -> Bool {
        do {
            try await ChatDeadline.$current.withValue(.now + Self.patience) {
                try await sweep(room, age: age, tenant: tenant)
            }
            return true
        } catch let error where !(error is StoreError || error is CancellationError) {
            if error as? ChatBackendError == .cancelled { return false }
            services.logger.warning(
                "a room could not be swept",
                metadata: [
                    "rid": "\(room.rid)", "rule": "\(room.rule.rawValue)", "failures": "\(room.failures + 1)",
                    "error": "\(error)",
                ])
            // Also when the chat server is in trouble altogether: were it only this room, it would hold up the others.
            let delay = room.rule == .opening ? Self.firstDelay : Self.delay(after: room.failures)
            try await store.postpone(room, by: delay, age: age, tenant: tenant.id)
            return ServeQueue.isAboutTheRoom(error)
        }
    }

    private static func delay(after failures: Int) -> Int64 {
        min(longestDelay, firstDelay << Int64(min(max(failures, 0), 10)))
    }

    /// Under the customer's lock; while a call has it, the room is that call's.
    private func sweep(_ room: SweepTurn.Room, age: Int64, tenant: Tenant) async throws {
        guard room.rule != .opening else {
            return try await SweepOpening(services: services, store: store)(room, age: age, tenant: tenant)
        }
        guard let customer = try await services.rooms.find(room.rid, tenant: tenant.id)?.session.customer else {
            return try await store.forget(room, tenant: tenant.id)
        }
        _ = try await SingleFlight(services: services).runIfFree(for: customer) {
            guard let session = try await services.rooms.find(room.rid, tenant: tenant.id)?.session,
                room.rule == .closing ? session.state == .closing : session.state.isOpen
            else { return try await store.forget(room, tenant: tenant.id) }
            switch room.rule {
            case .closing: try await finish(session, tenant: tenant, why: "a close that was cut short")
            case .opening: break
            case .waiting, .open: try await abandon(session, room.rule, age: age, tenant: tenant)
            }
        }
    }

    private func abandon(_ session: RoomSession, _ rule: SweepRule, age: Int64, tenant: Tenant) async throws {
        // People who chat for days need not call us.
        if let newest = try await ReadHistory(services).newestMessage(of: session), newest > services.now() - age {
            return try await services.rooms.touch(session, at: newest)
        }
        let idle = IdleRoom(rule: rule, milliseconds: age)
        guard let closing = try await services.rooms.beginClose(session.rid, tenant: tenant.id, if: idle) else {
            return
        }
        try await finish(closing, tenant: tenant, why: rule == .open ? "session_ttl" : "queue_ttl")
    }

    private func finish(_ session: RoomSession, tenant: Tenant, why: String) async throws {
        try await CloseSession(services).finish(session, tenant: tenant, signsOut: true, isAgain: true)
        services.logger.notice(
            "room swept", metadata: ["tenant": "\(tenant.id)", "rid": "\(session.rid)", "why": "\(why)"])
    }
}
