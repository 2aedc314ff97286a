internal import Customers
internal import EventLoop
internal import Logging

/// Serves all queues by the clock, so that nobody waits for a customer to call again: an agent who comes online gets the next one.
struct QueueRounds {
    let loop: EventLoop
    let services: Services
    let tenants: TenantDirectory

    /// Shorter than what is left of five seconds when presence may be three seconds old.
    private static let interval = Duration.seconds(1)

    /// Runs until its task is cancelled.
    func run() async {
        while true {
            do { try await loop.sleep(for: Self.interval) } catch { return }
            for tenant in tenants.all { await serve(tenant) }
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
