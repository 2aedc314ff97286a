import Foundation
import TestSupport
import Testing

/// A Redis that loads, is full of connections, or was replaced without knowing: 503, never 200 and never 401; nothing
/// is written where it would be lost.
@Suite("Redis loads, is full, is replaced", .serialized, .ownProcesses, .timeLimit(.minutes(5)))
struct RedisPartitionTests {
    @Test("loading: 503 for as long as the server reads its data; then customers have their rooms")
    func loading() async throws {
        // A millisecond for each of 4,000 keys.
        let redis = try await RedisServer(settings: [
            "key-load-delay 1000", "loading-process-events-interval-bytes 1024",
        ])
        let scene = try await RedisScene(redis: redis.url)
        try await redis.command("DEBUG", "POPULATE", "4000", "filler", "100")
        #expect(try await redis.command("SAVE") == "OK")
        try await redis.kill()
        let start = Task { try await redis.start() }
        var seen: Set<Int> = []
        try await eventually("it loads") {
            seen.formUnion(try await scene.allStatuses())
            return try await redis.command("PING").hasPrefix("LOADING")
        }
        for _ in 0..<5 { seen.formUnion(try await scene.allStatuses()) }
        #expect(seen == [503], "\(seen)")
        try await start.value
        try await scene.recover()
    }

    @Test("no connection is left: 503 until there is one")
    func maximumClients() async throws {
        let redis = try await RedisServer(settings: ["maxclients 12"])
        let scene = try await RedisScene(redis: redis.url)
        try scene.installation.daemon.process.kill()
        _ = try await scene.installation.daemon.process.waitForExit()
        var crowd: [ChildProcess] = []
        try await eventually("no connection is left") {
            let one = try ChildProcess("redis-cli", ["-s", redis.socket, "SUBSCRIBE", "nothing"])
            crowd.append(one)
            try await eventually("it was let in, or not") {
                one.lines.contains { $0.contains("subscribe") || $0.contains("max number of clients") }
                    || !one.isRunning
            }
            return one.lines.contains { $0.contains("max number of clients") }
        }
        try scene.installation.startDaemon()
        try await scene.installation.waitUntilServing()
        for _ in 0..<5 { #expect(try await scene.allStatuses() == [503, 503, 503]) }
        for one in crowd { one.terminate() }
        try await scene.recover()
    }

    @Test("a master that was replaced while nobody called is written to no more, though it still thinks that it is one")
    func replacedUnnoticed() async throws {
        let redis = try await RedisSentinels()
        let (old, new) = (redis.servers[0], redis.servers[1])
        let scene = try await RedisScene(redis: redis.url)
        let room = "cg:{\(scene.tenant.id)}:room:"
        try await new.wait(for: "1", of: "EXISTS", room + scene.rid)
        // Its connections stay open: no call fails on them, as there is none.
        try old.freeze()
        try await new.wait(for: "role:master", of: "INFO", "replication")
        // A subscription is an ordinary connection until it is one: it must not be taken for that of a loop.
        try await eventually("both loops and the subscription are connected to the new master") {
            let clients = try await new.command("CLIENT", "LIST").split(separator: "\n").filter {
                !$0.contains("name=sentinel") && !$0.contains("cmd=client")
            }
            return clients.count { $0.contains("flags=P") } >= 1 && clients.count { $0.contains("flags=N") } >= 2
        }
        old.thaw()
        var rids: [String] = []
        for _ in 0..<10 { rids.append(try await scene.tenant.started()["rid"].string ?? "") }
        for rid in rids {
            #expect(try await new.command("EXISTS", room + rid) == "1")
            let isThere = try await old.command("EXISTS", room + rid)
            // A replica has it from the new master.
            if try await old.command("ROLE").hasPrefix("master") { #expect(isThere == "0") }
        }
        #expect(try await scene.allStatuses() == [200, 200, 200])
    }
}

extension RedisScene {
    /// Of a read, a call that writes, and one that asks the chat server.
    fileprivate func allStatuses() async throws -> [Int] { try await statuses(ping, start, history) }

    fileprivate func recover() async throws {
        try await eventually("the gateway has Redis again", within: .seconds(6)) {
            try await allStatuses() == [200, 200, 200]
        }
        #expect(try await tenant.started([("name", name)])["rid"].string == rid)
    }
}
