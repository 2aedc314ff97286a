/// A cluster of three masters, all private and on 127.0.0.1, each with a third of the slots. Nodes count as dead after
/// a second.
public final class RedisClusterServers: Sendable {
    /// The masters at first, in the order of their slots; then the first one's replica, if there is one.
    public let servers: [RedisServer]

    /// `redis+cluster://…` with the first two masters, for a client's configuration.
    public var url: String {
        "redis+cluster://" + servers.prefix(2).map { "127.0.0.1:\($0.port ?? 0)" }.joined(separator: ",")
    }

    /// Starts them and returns when every node says that the cluster is well.
    ///
    /// - Parameter replica: whether the first master has a replica.
    /// - Throws: ``ChildProcessError`` when a server does not come up or the cluster does not come together.
    public init(replica: Bool = false) async throws {
        var servers: [RedisServer] = []
        for _ in 0..<(replica ? 4 : 3) {
            servers.append(
                try await RedisServer(
                    settings: [
                        "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 1000",
                        "cluster-port \(try RedisServer.freePort())", "cluster-require-full-coverage no",
                        "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0",
                    ], tcp: true))
        }
        self.servers = servers
        for (index, server) in servers.enumerated() {
            try await server.command("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
        }
        for (server, slots) in zip(servers, [(0, 5_460), (5_461, 10_922), (10_923, 16_383)]) {
            try await server.command("CLUSTER", "ADDSLOTSRANGE", "\(slots.0)", "\(slots.1)")
        }
        try await meet()
        for server in servers { try await server.wait(for: "cluster_slots_assigned:16384", of: "CLUSTER", "INFO") }
        if replica {
            try await servers[3].command("CLUSTER", "REPLICATE", try await id(of: 0))
            try await servers[3].wait(for: "master_link_status:up", of: "INFO", "replication")
            for server in servers { try await waitForReplica(server) }
        }
        for server in servers { try await server.wait(for: "cluster_state:ok", of: "CLUSTER", "INFO") }
    }

    /// Makes all know each other. A handshake that a busy machine draws out past the node time-out is forgotten: it
    /// begins anew.
    private func meet() async throws {
        for attempt in 0..<3_000 {
            if attempt.isMultiple(of: 150) {
                for server in servers.dropFirst() {
                    let bus =
                        try await server.command("CONFIG", "GET", "cluster-port").split(separator: "\n").last ?? ""
                    try await servers[0].command("CLUSTER", "MEET", "127.0.0.1", "\(server.port ?? 0)", "\(bus)")
                }
            }
            var strangers = servers.count
            for server in servers {
                let known = try await server.command("CLUSTER", "INFO").contains("cluster_known_nodes:\(servers.count)")
                if known { strangers -= 1 }
            }
            if strangers == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ChildProcessError.timedOut("CLUSTER MEET")
    }

    /// Makes the replica take over from the first master, which is well.
    public func failOver() async throws {
        // An attempt is given up after five seconds, as when nobody votes yet.
        for attempt in 0..<3_000 {
            if attempt.isMultiple(of: 100) { try await servers[3].command("CLUSTER", "FAILOVER") }
            if try await servers[3].command("ROLE").hasPrefix("master") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ChildProcessError.timedOut("CLUSTER FAILOVER")
    }

    /// A server's id in the cluster.
    public func id(of index: Int) async throws -> String { try await servers[index].command("CLUSTER", "MYID") }

    // Until everybody has heard of it, nobody would vote for it.
    private func waitForReplica(_ server: RedisServer) async throws {
        for _ in 0..<2_000 {
            let nodes = try await server.command("CLUSTER", "NODES")
            if nodes.split(separator: "\n").contains(where: { $0.contains("slave") }) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ChildProcessError.timedOut("a replica in the cluster")
    }
}
