internal import Customers
internal import EventLoop
internal import Logging

/// Serves all queues by the clock, so that nobody waits for a customer to call again: an agent who comes online, is
/// resumed, or may have more rooms gets the next one. Takes rooms from agents who have gone.
///
/// While nobody is connected and there is nothing to look after it lies still until there is: another gateway may put
/// somebody into a queue, and die.
struct QueueRounds {
    let rest: Rest
    let services: Services
    let tenants: TenantDirectory
    let news: RoomNews

    /// What a round found, the most urgent last.
    private enum Finding: Int, Comparable {
        case nothing, agentsWithRooms, somebodyWaits

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    /// Shorter than what is left of five seconds when presence may be three seconds old.
    private static let interval = Duration.seconds(1)
    /// While nobody asks for anything and nobody waits, but agents with rooms may go, or the news are not heard.
    private static let watch = Duration.seconds(4)
    /// Their first questions go to the store together, in one write, and come back in one read.
    private static let tenantsAtOnce = 32

    /// Runs until its task is cancelled.
    func run() async {
        var rest = rest
        var found = Finding.somebodyWaits
        while true {
            do { try await pause(after: found, &rest) } catch { return }
            news.take()
            found = await serveAll()
        }
    }

    private func pause(after found: Finding, _ rest: inout Rest) async throws {
        let begun = ContinuousClock.now
        switch found {
        case .somebodyWaits: return try await rest.sleep(for: Self.interval, long: Self.interval)
        case .agentsWithRooms:
            try await rest.sleep(for: Self.interval, long: Self.watch(over: tenants.all), until: news)
        case .nothing:
            try await rest.sleep(for: Self.interval, long: news.isUp ? nil : Self.watch, until: news)
        }
        // However much news there is.
        let left = Self.interval - (ContinuousClock.now - begun)
        if left > .milliseconds(1) { try await rest.loop.sleep(for: left) }
    }

    /// No longer than between two looks for agents who have gone.
    private static func watch(over tenants: [Tenant]) -> Duration {
        tenants.reduce(Self.watch) { least, tenant in
            tenant.reassignAfter > 0 ? min(least, .milliseconds(ReassignRooms.interval(of: tenant))) : least
        }
    }

    /// Several tenants at a time, so that one with a long queue does not hold up the others.
    private func serveAll() async -> Finding {
        await withTaskGroup(of: Finding.self) { group in
            var found = Finding.nothing
            for (number, tenant) in tenants.all.enumerated() {
                if number >= Self.tenantsAtOnce, let one = await group.next() { found = max(found, one) }
                group.addTask {
                    async let hasRooms = ReassignRooms(services)(tenant)
                    let found = await serve(tenant)
                    return max(found, await hasRooms ? .agentsWithRooms : .nothing)
                }
            }
            return await group.reduce(found) { max($0, $1) }
        }
    }

    /// - Returns: whether somebody waits, or that cannot be known.
    private func serve(_ tenant: Tenant) async -> Finding {
        let departments = tenant.departments + [tenant.everyone]
        let waiting: [DepartmentID]
        do {
            waiting = try await services.rooms.waiting(in: departments.map(\.id), tenant: tenant.id)
        } catch {
            // The store is away; its client says so, and the next round comes soon.
            services.logger.debug("queues cannot be looked at", metadata: ["error": "\(error)"])
            return .somebodyWaits
        }
        for id in waiting {
            guard let department = tenant.department(id) else { continue }
            await ServeQueue(services)(tenant: tenant, department: department)
        }
        return waiting.isEmpty ? .nothing : .somebodyWaits
    }
}
