internal import Customers
internal import EventLoop

/// Does something for all tenants by the clock. The fleet does it in turns; to ask whether it is one's turn costs one
/// command a tenant.
struct TenantRounds {
    let rest: Rest
    let tenants: TenantDirectory
    let interval: Duration
    let tenantsAtOnce: Int
    let round: @Sendable (Tenant) async -> Void

    /// Unfinished closes and openings, rooms that customers have left. What a gateway that died has left is no
    /// customer's to wait for. The questions whose turn it is go to the store together, in one write, and come back in
    /// one read.
    static func sweep(
        _ rest: Rest, _ tenants: TenantDirectory, _ round: @escaping @Sendable (Tenant) async -> Void
    ) -> TenantRounds {
        TenantRounds(rest: rest, tenants: tenants, interval: .seconds(1), tenantsAtOnce: 16, round: round)
    }

    /// The reconciliation is due once a minute. It goes through many rooms, and leaves the loop to the customers: one
    /// tenant at a time.
    static func reconciliation(
        _ rest: Rest, _ tenants: TenantDirectory, _ round: @escaping @Sendable (Tenant) async -> Void
    ) -> TenantRounds {
        TenantRounds(rest: rest, tenants: tenants, interval: .seconds(5), tenantsAtOnce: 1, round: round)
    }

    /// Runs until its task is cancelled.
    func run() async {
        var rest = rest
        while true {
            do { try await rest.sleep(for: interval) } catch { return }
            await withTaskGroup(of: Void.self) { [round] group in
                for (number, tenant) in tenants.all.enumerated() where !Task.isCancelled {
                    if number >= tenantsAtOnce { await group.next() }
                    group.addTask { await round(tenant) }
                }
            }
        }
    }
}
