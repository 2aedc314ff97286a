import EventLoop
import RedisClient
import TestSupport
import Testing

@Suite("Redis behind Sentinel", .timeLimit(.minutes(4)))
struct RedisSentinelTests {
    enum Fault: String, CaseIterable {
        case killed
        case frozen
    }

    @Test("a master that dies or freezes is replaced, and no answer is ever wrong", arguments: Fault.allCases)
    func failOver(fault: Fault) async throws {
        let redis = try await RedisSentinels()
        let test = try RedisTopologyClient(url: redis.url)
        let (old, new) = (redis.servers[0], redis.servers[1])
        try await test.sendUntilAnswered("SET", "k", "v")
        try await test.waitForServers(old.port)
        try await new.wait(for: "v", of: "GET", "k")
        let traffic = Traffic(test.client, keys: (0..<8).map { "worker:\($0)" })
        try await traffic.waitForRounds(on: test.loops.loop)
        switch fault {
        case .killed: try await old.kill()
        case .frozen: try old.freeze()
        }
        try await test.waitForServers(new.port)
        try await traffic.waitForRounds(on: test.loops.loop)
        #expect(try await test.sendUntilAnswered("GET", "k").text == "v")
        // The old one comes back as a master and is told otherwise: nobody follows it.
        if fault == .frozen { old.thaw() } else { try await old.start() }
        try await old.wait(for: "role:slave", of: "INFO", "replication")
        try await traffic.waitForRounds(on: test.loops.loop)
        try await test.waitForServers(new.port)
        let tally = await traffic.end()
        #expect(tally.wrong == [])
        #expect(tally.failures > 0)
    }

    @Test("after a planned fail-over writes and subscriptions are on the new master")
    func planned() async throws {
        let redis = try await RedisSentinels()
        let test = try RedisTopologyClient(url: redis.url)
        try await test.sendUntilAnswered("SET", "k", "v")
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        try await redis.failOver()
        try await test.waitForServers(redis.servers[1].port)
        #expect(await events.next() == .down)
        #expect(await events.next() == .up)
        try await test.sendUntilAnswered("PUBLISH", "c", "m")
        #expect(await events.next() == .message([109]))
        #expect(try await test.sendUntilAnswered("SET", "k", "w") == .status("OK"))
        #expect(try await redis.servers[1].command("GET", "k") == "w")
    }

    @Test("a frozen Sentinel and a dead one do not keep the third from being heard")
    func oneSentinel() async throws {
        let redis = try await RedisSentinels()
        try redis.freezeSentinel(0)
        try await redis.killSentinel(1)
        let test = try RedisTopologyClient(url: redis.url, configure: { $0.askDeadline = .milliseconds(250) })
        #expect(try await test.sendUntilAnswered("SET", "k", "v") == .status("OK"))
        try await test.waitForServers(redis.servers[0].port)
    }
}
