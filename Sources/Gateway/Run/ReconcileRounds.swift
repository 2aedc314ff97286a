internal import Customers
internal import CustomersRedis
internal import RedisClient

/// Reconciles all tenants by the clock. The fleet does it once a minute; to ask whether it is time costs one command a tenant.
struct ReconcileRounds {
    let rest: Rest
    let redis: RedisClient
    let services: Services
    let tenants: TenantDirectory

    private static let interval = Duration.seconds(5)

    /// Runs until its task is cancelled.
    func run() async {
        let reconcile = ReconcileTenant(services, store: RedisReconcileStore(redis))
        while true {
            do { try await rest.sleep(for: Self.interval) } catch { return }
            for tenant in tenants.all where !Task.isCancelled { await reconcile(tenant) }
        }
    }
}
