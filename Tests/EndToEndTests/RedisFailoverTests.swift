import TestSupport
import Testing

/// The whole gateway over Sentinel and over a cluster: a master dies, freezes or gives its slots away.
@Suite("Redis fail-over", .serialized, .ownProcesses, .timeLimit(.minutes(5)))
struct RedisFailoverTests {
    enum Fault: String, CaseIterable, Sendable { case killed, frozen }

    @Test(
        "Sentinel: 503 until the replica is promoted, never 401; then all is well within seconds",
        arguments: Fault.allCases)
    func sentinel(fault: Fault) async throws {
        let redis = try await RedisSentinels()
        let (old, new) = (redis.servers[0], redis.servers[1])
        let scene = try await RedisScene(redis: redis.url)
        try await new.wait(for: "1", of: "EXISTS", "cg:{\(scene.tenant.id)}:room:\(scene.rid)")
        switch fault {
        case .killed: try await old.kill()
        case .frozen: try old.freeze()
        }
        var seen: Set<Int> = []
        while try await !new.command("ROLE").hasPrefix("master") { seen.formUnion(try await scene.statuses()) }
        // Two seconds are promised; a busy machine gets three times as long.
        let clock = ContinuousClock()
        let promoted = clock.now
        try await eventually("the new master serves", within: .seconds(6)) {
            let statuses = try await scene.statuses()
            seen.formUnion(statuses)
            return statuses == [200, 200]
        }
        print("Sentinel, master \(fault): errors ended \(clock.now - promoted) after the promotion")
        #expect(seen.isSubset(of: [200, 503]), "\(seen)")
        #expect(try await scene.tenant.started([("name", scene.name)])["rid"].string == scene.rid)
        // The old master comes back, is made a replica, and disturbs nobody.
        if fault == .frozen { old.thaw() } else { try await old.start() }
        try await old.wait(for: "role:slave", of: "INFO", "replication")
        for _ in 0..<20 { #expect(try await scene.statuses() == [200, 200]) }
    }

    @Test(
        "cluster: the tenants of a dead or frozen master get 503 until its replica takes over",
        arguments: Fault.allCases)
    func cluster(fault: Fault) async throws {
        let cluster = try await RedisClusterServers(replica: true)
        let scene = try await RedisScene(redis: cluster.url)
        let servers = cluster.servers
        switch fault {
        case .killed: try await servers[0].kill()
        case .frozen: try servers[0].freeze()
        }
        var seen: Set<Int> = []
        while try await !servers[3].command("ROLE").hasPrefix("master") { seen.formUnion(try await scene.statuses()) }
        try await eventually("the new master serves", within: .seconds(6)) {
            let statuses = try await scene.statuses()
            seen.formUnion(statuses)
            return statuses == [200, 200]
        }
        #expect(seen.isSubset(of: [200, 503]), "\(seen)")
        if fault == .frozen { servers[0].thaw() }
        for _ in 0..<20 { #expect(try await scene.statuses() == [200, 200]) }
    }

    @Test("cluster: a tenant whose slot is moved keeps customers, rooms and tokens")
    func resharded() async throws {
        let cluster = try await RedisClusterServers()
        let scene = try await RedisScene(redis: cluster.url)
        let slot = try await cluster.servers[0].command("CLUSTER", "KEYSLOT", "{\(scene.tenant.id)}")
        let from = min(2, (Int(slot) ?? 0) / 5_461)
        let (source, target) = (cluster.servers[from], cluster.servers[(from + 1) % 3])
        let (sourceID, targetID) = (try await cluster.id(of: from), try await cluster.id(of: (from + 1) % 3))
        try await target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceID)
        try await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", targetID)
        while case let keys = try await source.command("CLUSTER", "GETKEYSINSLOT", slot, "100"), !keys.isEmpty {
            for key in keys.split(separator: "\n") {
                try await source.command("MIGRATE", "127.0.0.1", "\(target.port ?? 0)", String(key), "0", "5000")
            }
            // While its keys are here and there a tenant's calls may be told to come back, and nothing else.
            let statuses = try await scene.statuses()
            #expect(Set(statuses).isSubset(of: [200, 503]), "\(statuses)")
        }
        for server in [target, source] { try await server.command("CLUSTER", "SETSLOT", slot, "NODE", targetID) }
        try await eventually("the slot's new home serves", within: .seconds(6)) {
            try await scene.statuses() == [200, 200]
        }
        #expect(try await scene.tenant.started([("name", scene.name)])["rid"].string == scene.rid)
    }
}
