internal import Glibc

/// A master, its replica and three Sentinels that watch over them, all private and on 127.0.0.1. They find a dead
/// master after half a second, and each other sooner than usual.
public final class RedisSentinels: Sendable {
    /// What the Sentinels call the master.
    public static let master = "mymaster"
    /// The first master and its replica.
    public let servers: [RedisServer]
    private let folder: TemporaryFolder
    /// What everybody but a test's own commands reaches the first master through, if there is such.
    private let relay: GatewayRelay?
    private let sentinels: [(port: UInt16, process: ChildProcess)]

    /// `redis+sentinel://…` for a client's configuration.
    public var url: String {
        "redis+sentinel://" + sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") + "/\(Self.master)"
    }

    /// Starts them and returns when the Sentinels know the replica and each other.
    ///
    /// - Parameter relay: makes a relay to the first master's port, which then stands for it: for the Sentinels, for
    ///   whom they tell of it, and for the replica.
    /// - Throws: ``ChildProcessError`` when a server does not come up.
    public init(behind relay: ((UInt16) throws -> GatewayRelay)? = nil) async throws {
        let first = try await RedisServer(settings: ["repl-diskless-sync-delay 0"], tcp: true)
        self.relay = try relay?(first.port ?? 0)
        let port = self.relay?.port ?? first.port ?? 0
        let second = try await RedisServer(
            settings: ["repl-diskless-sync-delay 0", "replicaof 127.0.0.1 \(port)"], tcp: true)
        servers = [first, second]
        folder = try TemporaryFolder()
        var sentinels: [(port: UInt16, process: ChildProcess)] = []
        for number in 0..<3 {
            let own = try RedisServer.freePort()
            let path = try folder.write(
                """
                port \(own)
                bind 127.0.0.1
                dir \(folder.path)
                sentinel monitor \(Self.master) 127.0.0.1 \(port) 2
                sentinel down-after-milliseconds \(Self.master) 500
                sentinel failover-timeout \(Self.master) 3000

                """, to: "sentinel-\(number).conf")
            let process = try ChildProcess("redis-server", [path, "--sentinel"])
            _ = try await process.waitForLine(containing: "+monitor")
            sentinels.append((own, process))
        }
        self.sentinels = sentinels
        try await second.wait(for: "master_link_status:up", of: "INFO", "replication")
        for index in sentinels.indices {
            _ = try await ask(
                index, "SENTINEL", "DEBUG", "info-period", "200", "ping-period", "100", "publish-period", "500",
                "ask-period", "100", "tilt-period", "1000", "slave-reconf-timeout", "1000", "min-link-reconnect-period",
                "200")
        }
        for index in sentinels.indices {
            try await wait(index, for: "slaves=1,sentinels=3")
        }
    }

    /// Makes the Sentinels replace the master now, though it is well.
    public func failOver() async throws {
        let before = try await ask(0, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.master)
        for _ in 0..<400 {
            // Refused while it does not know the replica well enough, and while it is at it.
            _ = try await ask(0, "SENTINEL", "FAILOVER", Self.master)
            try await Task.sleep(for: .milliseconds(50))
            if try await ask(0, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.master) != before { return }
        }
        throw ChildProcessError.timedOut("SENTINEL FAILOVER")
    }

    /// Stops a Sentinel from running; its connections stay open and silent.
    public func freezeSentinel(_ index: Int) throws {
        sentinels[index].process.signal(SIGSTOP)
        try sentinels[index].process.waitUntil(kernelState: "T")
    }

    /// Ends a Sentinel at once.
    public func killSentinel(_ index: Int) async throws {
        sentinels[index].process.kill()
        try await sentinels[index].process.waitForExit()
    }

    private func wait(_ index: Int, for text: String) async throws {
        let deadline = ContinuousClock.now + .seconds(75)
        while ContinuousClock.now < deadline {
            if try await ask(index, "INFO", "sentinel").contains(text) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ChildProcessError.timedOut("\(text) of a Sentinel")
    }

    private func ask(_ index: Int, _ words: String...) async throws -> String {
        let client = try ChildProcess("redis-cli", ["-p", "\(sentinels[index].port)"] + words)
        try await client.waitForExit()
        return client.lines.joined(separator: "\n")
    }
}
