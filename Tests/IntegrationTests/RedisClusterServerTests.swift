import EventLoop
import RedisClient
import Synchronization
import TestSupport
import Testing

/// `b` is a key of the first node's slots (3300), `c` of the second's (7365), `a` of the third's (15495).
@Suite("Redis Cluster", .timeLimit(.minutes(2)))
struct RedisClusterServerTests {
    @Test("keys, scripts, messages and administration find their nodes")
    func routing() async throws {
        let cluster = try await RedisClusterServers()
        let test = try RedisTopologyClient(url: cluster.url)
        let client = test.client
        try await test.sendUntilAnswered("SET", "a", "0")
        let script = RedisScript(name: "sum", source: "return redis.call('INCRBY', KEYS[1], ARGV[1])")
        for number in 0..<300 {
            #expect(
                try await client.eval(script, keys: ["n:\(number)"], arguments: [.int(number)])
                    == .integer(Int64(number)))
            #expect(try await client.send(["GET", "n:\(number)"]).text == "\(number)")
        }
        var events = client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        // From node to node they take ways of different length.
        var heard: Set<[UInt8]> = []
        for number in 0..<8 { _ = try await client.send(["PUBLISH", "c", "\(number)"]) }
        while heard.count < 8, case .message(let message) = await events.next() { heard.insert(message) }
        #expect(heard == Set((0..<8).map { Array("\($0)".utf8) }))
        let sizes = Mutex<[Int64]>([])
        try await client.forEachMaster { master in
            let size = try await master.send(["DBSIZE"]).expectInteger()
            sizes.withLock { $0.append(size) }
        }
        #expect(sizes.withLock { $0.count } == 3)
        #expect(sizes.withLock { $0.allSatisfy { $0 > 0 } && $0.reduce(0, +) == 301 })
        try await resharding(cluster, test)
    }

    /// Moves the slot of `a` from the third node to the first, with all its keys, while they are used.
    private func resharding(_ cluster: RedisClusterServers, _ test: RedisTopologyClient) async throws {
        let (from, to) = (cluster.servers[2], cluster.servers[0])
        let (fromID, toID) = (try await cluster.id(of: 2), try await cluster.id(of: 0))
        let client = test.client
        for number in 0..<20 { _ = try await client.send(["SET", "{a}\(number)", "\(number)"]) }
        let traffic = Traffic(client, keys: (0..<8).map { "{a}worker:\($0)" } + ["b", "c"])
        try await traffic.waitForRounds(on: test.loops.loop)
        try await to.command("CLUSTER", "SETSLOT", "15495", "IMPORTING", fromID)
        try await from.command("CLUSTER", "SETSLOT", "15495", "MIGRATING", toID)
        // Half of them have moved: these are asked for at the new node (ASK), and several at once may have to wait.
        for number in 0..<10 {
            try await from.command("MIGRATE", "127.0.0.1", "\(to.port ?? 0)", "{a}\(number)", "0", "5000")
        }
        for number in 0..<20 { #expect(try await client.send(["GET", "{a}\(number)"]).text == "\(number)") }
        _ = try await client.send(["SET", "{a}fresh", "f"])
        #expect(try await to.command("CLUSTER", "COUNTKEYSINSLOT", "15495") != "0")
        #expect(await test.client.currentStatus().reconnects == 0)
        let both = Task(executorPreference: client.loop) {
            while true {
                do throws(RedisError) {
                    return try await client.send(["MGET", "{a}1", "{a}19"])
                } catch {
                    guard error.server?.prefix == .tryAgain else { throw error }
                }
            }
        }
        while case let keys = try await from.command("CLUSTER", "GETKEYSINSLOT", "15495", "100"), !keys.isEmpty {
            for key in keys.split(separator: "\n") {
                try await from.command("MIGRATE", "127.0.0.1", "\(to.port ?? 0)", String(key), "0", "5000")
            }
        }
        #expect(try await both.value.array?.map(\.text) == ["1", "19"])
        for server in [to, from] { try await server.command("CLUSTER", "SETSLOT", "15495", "NODE", toID) }
        // The keys are at home there now: MOVED, and a new map.
        for number in 0..<20 { #expect(try await client.send(["GET", "{a}\(number)"]).text == "\(number)") }
        #expect(try await client.send(["GET", "{a}fresh"]).text == "f")
        try await traffic.waitForRounds(on: test.loops.loop)
        let tally = await traffic.end()
        #expect(tally.wrong == [])
        #expect(tally.failures == 0, "\(tally.lastFailure)")
    }

    @Test("while a master is dead or frozen the others work, and its replica takes over", arguments: [false, true])
    func failOver(isFrozen: Bool) async throws {
        let cluster = try await RedisClusterServers(replica: true)
        let test = try RedisTopologyClient(url: cluster.url)
        let servers = cluster.servers
        try await test.sendUntilAnswered("SET", "b", "v")
        try await servers[3].wait(for: "1", of: "DBSIZE")
        let others = Traffic(test.client, keys: ["a", "c", "{a}2", "{c}2"])
        let all = Traffic(test.client, keys: ["{b}1", "{b}2", "{a}3"])
        try await all.waitForRounds(on: test.loops.loop)
        if isFrozen { try servers[0].freeze() } else { try await servers[0].kill() }
        try await others.waitForRounds(200, on: test.loops.loop)
        try await test.waitForServers(servers[1].port, servers[2].port, servers[3].port)
        #expect(try await test.sendUntilAnswered("GET", "b").text == "v")
        try await all.waitForRounds(on: test.loops.loop)
        if isFrozen { servers[0].thaw() } else { try await servers[0].start() }
        try await servers[0].wait(for: "role:slave", of: "INFO", "replication")
        try await all.waitForRounds(on: test.loops.loop)
        #expect(await others.end().wrong == [])
        #expect(await all.end().wrong == [])
    }

    @Test("a planned fail-over loses no write, and sends the commands on")
    func planned() async throws {
        let cluster = try await RedisClusterServers(replica: true)
        let test = try RedisTopologyClient(url: cluster.url)
        let client = test.client
        try await test.sendUntilAnswered("SET", "b", "0")
        let counted = Task(executorPreference: client.loop) {
            var (done, perhaps) = (0, 0)
            while !Task.isCancelled {
                do throws(RedisError) {
                    _ = try await client.send(["INCR", "b"])
                    done += 1
                } catch {
                    if error.mayHaveRun { perhaps += 1 }
                    try? await client.loop.sleep(for: .milliseconds(2))
                }
            }
            return (done, perhaps)
        }
        try await cluster.failOver()
        try await test.waitForServers(cluster.servers[1].port, cluster.servers[2].port, cluster.servers[3].port)
        let before = try await test.sendUntilAnswered("GET", "b").integer ?? 0
        while try await test.sendUntilAnswered("GET", "b").integer ?? 0 < before + 20 {}
        counted.cancel()
        let (done, perhaps) = await counted.value
        let total = Int(try await test.sendUntilAnswered("GET", "b").integer ?? 0)
        #expect((done...(done + perhaps)).contains(total))
        #expect(try await cluster.servers[0].command("ROLE").hasPrefix("slave"))
    }
}
