internal import Customers
internal import EventLoop
internal import Logging

/// Serves all queues by the clock, so that nobody waits for a customer to call again: an agent who comes online, is
/// resumed, or may have more rooms gets the next one. Takes rooms from agents who have gone.
struct QueueRounds {
    let rest: Rest
    let services: Services
    let tenants: TenantDirectory

    /// Shorter than what is left of five seconds when presence may be three seconds old.
    private static let interval = Duration.seconds(1)
    private static let tenantsAtOnce = 8

    /// While nobody is connected and nobody waits. Somebody may still be put into a queue by another gateway, which
    /// serves it, unless that one dies.
    private static let quiet = Duration.seconds(4)

    /// Runs until its task is cancelled.
    func run() async {
        var isSomebodyWaiting = true
        while true {
            do {
                // With nobody connected and nobody waiting there is nothing to be late for.
                try await rest.sleep(for: Self.interval, long: isSomebodyWaiting ? Self.interval : Self.quiet)
            } catch { return }
            isSomebodyWaiting = await serveAll()
        }
    }

    /// Several tenants at a time, so that one with a long queue does not hold up the others.
    ///
    /// - Returns: whether somebody waits, or that cannot be known.
    private func serveAll() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            var isSomebodyWaiting = false
            for (number, tenant) in tenants.all.enumerated() {
                if number >= Self.tenantsAtOnce, await group.next() == true { isSomebodyWaiting = true }
                group.addTask {
                    await ReassignRooms(services)(tenant)
                    return await serve(tenant)
                }
            }
            for await isWaiting in group where isWaiting { isSomebodyWaiting = true }
            return isSomebodyWaiting
        }
    }

    /// - Returns: whether somebody waits, or that cannot be known.
    private func serve(_ tenant: Tenant) async -> Bool {
        let departments = tenant.departments + [tenant.everyone]
        let waiting: [DepartmentID]
        do {
            waiting = try await services.rooms.waiting(in: departments.map(\.id), tenant: tenant.id)
        } catch {
            // The store is away; its client says so, and the next round comes soon.
            services.logger.debug("queues cannot be looked at", metadata: ["error": "\(error)"])
            return true
        }
        for id in waiting {
            guard let department = tenant.department(id) else { continue }
            await ServeQueue(services)(tenant: tenant, department: department)
        }
        return !waiting.isEmpty
    }
}
