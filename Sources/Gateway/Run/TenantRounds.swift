internal import Customers
internal import EventLoop

/// Does something for all tenants by the clock. The fleet does it in turns; to ask whether it is one's turn costs one
/// command a tenant.
struct TenantRounds {
    let rest: Rest
    let tenants: TenantDirectory
    let interval: Duration
    let round: @Sendable (Tenant) async -> Void

    /// Unfinished closes and openings, rooms that customers have left. What a gateway that died has left is no
    /// customer's to wait for.
    static let sweep = Duration.seconds(1)
    /// The reconciliation is due once a minute.
    static let reconciliation = Duration.seconds(5)

    /// Their questions go to the store together, in one write, and come back in one read.
    private static let tenantsAtOnce = 16

    /// Runs until its task is cancelled.
    func run() async {
        var rest = rest
        while true {
            do { try await rest.sleep(for: interval) } catch { return }
            await withTaskGroup(of: Void.self) { [round] group in
                for (number, tenant) in tenants.all.enumerated() where !Task.isCancelled {
                    if number >= Self.tenantsAtOnce { await group.next() }
                    group.addTask { await round(tenant) }
                }
            }
        }
    }
}
