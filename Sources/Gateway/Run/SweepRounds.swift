internal import Customers
internal import CustomersRedis
internal import EventLoop
internal import RedisClient

/// Sweeps all tenants by the clock: unfinished closes, rooms that customers have left. With nothing to do a round costs one
/// command a tenant.
struct SweepRounds {
    let rest: Rest
    let redis: RedisClient
    let services: Services
    let tenants: TenantDirectory

    /// What a gateway that died has left is no customer's to wait for.
    private static let interval = Duration.seconds(1)

    /// Runs until its task is cancelled.
    func run() async {
        let sweep = SweepTenant(services, store: RedisSweepStore(redis))
        while true {
            do { try await rest.sleep(for: Self.interval) } catch { return }
            for tenant in tenants.all where !Task.isCancelled { await sweep(tenant) }
        }
    }
}
