/// Any node of a cluster: a message that is published on one is heard on all. For subscriptions.
// @unchecked: all state is touched on the loop's thread only.
final class ClusterTopology: RedisTopology, @unchecked Sendable {
    private let cluster: RedisCluster
    /// Which node an address was given out for.
    private var hosts: [RedisAddress: RedisHost] = [:]

    private static let maxCandidates = 4

    init(cluster: RedisCluster) { self.cluster = cluster }

    var longestPause: Duration { .milliseconds(300) }

    func candidates() async throws(RedisError) -> [RedisAddress] {
        // The masters first: to them we have connections that show when they fall silent.
        let known = (cluster.map?.masters.shuffled() ?? []) + (cluster.map?.replicas.shuffled() ?? [])
        var addresses: [RedisAddress] = []
        var failure = RedisError(.unavailable, "no node of \(cluster.configuration.endpoint) is known")
        hosts = [:]
        for host in (known.isEmpty ? cluster.seeds.shuffled() : known).prefix(Self.maxCandidates) {
            do throws(RedisError) {
                for address in try await cluster.names.addresses(of: host) {
                    hosts[address] = host
                    addresses.append(address)
                }
            } catch {
                failure = error
            }
        }
        guard !addresses.isEmpty else { throw failure }
        return addresses
    }

    /// Whether an address leads to a node that the cluster does not count on any more.
    func isGone(_ address: RedisAddress, from map: SlotMap) -> Bool {
        let known = map.replicas.union(map.masters)
        if let host = hosts[address], known.contains(host) { return false }
        return !known.contains { .tcp(address: $0.name, port: $0.port) == address }
    }
}
