internal import Customers
internal import EventLoop
internal import Logging

/// Serves all queues by the clock, so that nobody waits for a customer to call again: an agent who comes online, is resumed, or may
/// have more rooms gets the next one. Takes rooms from agents who have gone.
struct QueueRounds {
    let loop: EventLoop
    let services: Services
    let tenants: TenantDirectory

    /// Shorter than what is left of five seconds when presence may be three seconds old.
    private static let interval = Duration.seconds(1)
    private static let tenantsAtOnce = 8

    /// Runs until its task is cancelled.
    func run() async {
        while true {
            do { try await loop.sleep(for: Self.interval) } catch { return }
            await serveAll()
        }
    }

    /// Several tenants at a time, so that one with a long queue does not hold up the others.
    private func serveAll() async {
        await withTaskGroup(of: Void.self) { group in
            for (number, tenant) in tenants.all.enumerated() {
                if number >= Self.tenantsAtOnce { await group.next() }
                group.addTask {
                    await ReassignRooms(services)(tenant)
                    await serve(tenant)
                }
            }
        }
    }

    private func serve(_ tenant: Tenant) async {
        let departments = tenant.departments + [tenant.everyone]
        let waiting: [DepartmentID]
        do {
            waiting = try await services.rooms.waiting(in: departments.map(\.id), tenant: tenant.id)
        } catch {
            // The store is away; its client says so, and the next round comes soon.
            services.logger.debug("queues cannot be looked at", metadata: ["error": "\(error)"])
            return
        }
        for id in waiting {
            guard let department = tenant.department(id) else { continue }
            await ServeQueue(services)(tenant: tenant, department: department)
        }
    }
}
