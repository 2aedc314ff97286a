@testable import RedisClient
import EventLoop
import Synchronization
import TestSupport
import Testing

/// Three scripted nodes; `a`, `b` and `c` are keys of the slots 15495, 3300 and 7365.
@Suite("Cluster", .timeLimit(.minutes(1)))
struct RedisClusterTests {
    private typealias Arrival = ScriptedServers.Arrival

    /// The reply to CLUSTER SLOTS: first slot, last slot, server.
    private static func slots(_ ranges: [(Int, Int, Int)], _ arrival: Arrival) -> ScriptedRedis.Answer {
        var text = "*\(ranges.count)\r\n"
        for (first, last, server) in ranges {
            text += "*3\r\n:\(first)\r\n:\(last)\r\n*3\r\n" + ScriptedServers.text("127.0.0.1")
            text += ":\(arrival.ports[server])\r\n" + ScriptedServers.text("id\(server)")
        }
        return .send(text)
    }

    private static let thirds = [(0, 5_460, 0), (5_461, 10_922, 1), (10_923, 16_383, 2)]

    /// Answers what all nodes answer alike.
    private static func usual(_ arrival: Arrival, _ map: [(Int, Int, Int)] = thirds) -> ScriptedRedis.Answer {
        arrival.command.name == "CLUSTER" ? slots(map, arrival) : .usual
    }

    private func servers(
        configure: (inout RedisConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable (ScriptedServers.Arrival) -> ScriptedRedis.Answer
    ) throws -> ScriptedServers {
        try ScriptedServers(
            count: 3, url: { "redis+cluster://127.0.0.1:\($0[0])" }, configure: configure, answer: answer)
    }

    @Test("each command goes to the node that serves its key, scripts and their loading included")
    func routing() async throws {
        let sha = String(repeating: "0123456789", count: 4)
        let test = try servers { arrival in
            arrival.command.name == "SCRIPT" ? .send("$40\r\n\(sha)\r\n") : Self.usual(arrival)
        }
        for key in ["a", "b", "c", "x{a}", "{b}y"] { _ = try await test.client.send(["SET", .string(key), "v"]) }
        let script = RedisScript(name: "s", source: "return 1")
        _ = try await test.client.eval(script, keys: ["k{c}", "l{c}"], arguments: [1])
        #expect(test.received(0) == [["SET", "b", "v"], ["SET", "{b}y", "v"]])
        #expect(
            test.received(1) == [
                ["SET", "c", "v"], ["SCRIPT", "LOAD", "return 1"], ["EVALSHA", sha, "2", "k{c}", "l{c}", "1"],
            ])
        #expect(test.received(2) == [["SET", "a", "v"], ["SET", "x{a}", "v"]])
        #expect(try await test.client.send(["PUBLISH", "ch", "m"]) == .status("OK"))
        let status = await test.client.currentStatus()
        #expect(status.isConnected)
        #expect(Set(status.servers) == Set(test.servers.map { "127.0.0.1:\($0.port)" }))
    }

    @Test("keys in different slots, and commands about one server's keys, are refused and not sent")
    func refused() async throws {
        let test = try servers { Self.usual($0) }
        #expect(await test.failure("DEL", "a", "b")?.code == .commandNotAllowed)
        #expect(await test.failure("EVAL", "return 1", 2, "a", "b")?.code == .commandNotAllowed)
        for words: [RedisArgument] in [["SCAN", "0"], ["KEYS", "*"], ["DBSIZE"], ["FLUSHALL"]] {
            let error = await #expect(throws: RedisError.self) { try await test.client.send(words) }
            #expect(error?.code == .commandNotAllowed)
        }
        _ = try await test.client.send(["SCAN", "0", "MATCH", "k{a}:*"])
        #expect(test.received(0).isEmpty)
        #expect(test.received(1).isEmpty)
        #expect(test.received(2) == [["SCAN", "0", "MATCH", "k{a}:*"]])
    }

    @Test("MOVED is followed, and the map is asked for again")
    func moved() async throws {
        let hasMoved = Atomic(false)
        let test = try servers { arrival in
            let moved = hasMoved.load(ordering: .sequentiallyConsistent)
            if arrival.command.name == "SET", arrival.server == 2, arrival.command.words[1] == "a" {
                hasMoved.store(true, ordering: .sequentiallyConsistent)
                return .send("-MOVED 15495 127.0.0.1:\(arrival.ports[0])\r\n")
            }
            return Self.usual(
                arrival,
                moved ? [(0, 5_460, 0), (5_461, 10_922, 1), (10_923, 15_494, 2), (15_495, 16_383, 0)] : Self.thirds)
        }
        #expect(try await test.client.send(["SET", "a", "1"]) == .status("OK"))
        #expect(try await test.client.send(["SET", "a", "2"]) == .status("OK"))
        #expect(test.received(2) == [["SET", "a", "1"]])
        #expect(test.received(0) == [["SET", "a", "1"], ["SET", "a", "2"]])
        // Now the map itself: another key of what has moved goes there at once.
        try await test.servers[0].waitForCommands("the map again") { $0.count { $0.name == "CLUSTER" } >= 2 }
        while try await test.client.send(["SET", "{a}2", "v"]) == .status("OK"), test.received(2).last?[1] == "{a}2" {}
        #expect(test.received(0).last == ["SET", "{a}2", "v"])
    }

    @Test("a map that does not know yet what MOVED told is asked for until it does")
    func staleMap() async throws {
        let maps = Atomic(0)
        let test = try servers { arrival in
            if arrival.command.name == "SET", arrival.server == 2 {
                return .send("-MOVED 15495 127.0.0.1:\(arrival.ports[0])\r\n")
            }
            guard arrival.command.name == "CLUSTER" else { return .usual }
            // The first nine answers are from before.
            let count = maps.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
            return Self.slots(
                count < 10 ? Self.thirds : [(0, 5_460, 0), (5_461, 10_922, 1), (10_923, 16_383, 0)], arrival)
        }
        #expect(try await test.client.send(["SET", "a", "1"]) == .status("OK"))
        // No further command: the third node leaves by itself.
        while await test.client.currentStatus().servers.count > 2 {
            try await test.loops.loop.sleep(for: .milliseconds(2))
        }
        #expect(try await test.client.send(["SET", "{a}2", "v"]) == .status("OK"))
        #expect(test.received(2) == [["SET", "a", "1"]])
    }

    @Test("nodes that send us in circles are given up on")
    func circles() async throws {
        let test = try servers { arrival in
            guard arrival.command.name == "SET" else { return Self.usual(arrival) }
            return .send("-MOVED 15495 127.0.0.1:\(arrival.ports[arrival.server == 0 ? 2 : 0])\r\n")
        }
        let failure = await test.failure("SET", "a", "v")
        #expect(failure?.code == .unavailable)
        #expect(failure?.mayHaveRun == false)
        #expect(failure?.server?.prefix == .moved)
        #expect(test.received(0).count + test.received(2).count == 4)
    }

    @Test("ASK sends one command elsewhere, behind ASKING; the next one goes the usual way")
    func ask() async throws {
        let test = try servers { arrival in
            guard arrival.server == 2, arrival.command.words == ["GET", "a"] else { return Self.usual(arrival) }
            return .send("-ASK 15495 127.0.0.1:\(arrival.ports[1])\r\n")
        }
        #expect(try await test.client.send(["GET", "a"]) == .status("OK"))
        #expect(try await test.client.send(["GET", "{a}b"]) == .status("OK"))
        #expect(test.received(1) == [["ASKING"], ["GET", "a"]])
        #expect(test.received(2) == [["GET", "a"], ["GET", "{a}b"]])
    }

    @Test("TRYAGAIN is tried again until it works")
    func tryAgain() async throws {
        let refusals = Mutex(3)
        let test = try servers { arrival in
            guard arrival.command.name == "MGET" else { return Self.usual(arrival) }
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            return isRefused ? .send("-TRYAGAIN Multiple keys request during rehashing of slot\r\n") : .usual
        }
        #expect(try await test.client.send(["MGET", "{a}1", "{a}2"]) == .status("OK"))
        #expect(test.received(2).count == 4)
    }

    @Test("TRYAGAIN without end fails within the deadline")
    func tryAgainForEver() async throws {
        let test = try servers(configure: { $0.commandDeadline = .milliseconds(200) }) { arrival in
            arrival.command.name == "MGET" ? .send("-TRYAGAIN Multiple keys\r\n") : Self.usual(arrival)
        }
        _ = try await test.sendUntilAnswered("GET", "a")
        let failure = await test.failure("MGET", "{a}1", "{a}2")
        #expect(failure?.code == .unavailable)
        #expect(failure?.server?.prefix == .tryAgain)
        #expect(test.received(2).count { $0[0] == "MGET" } <= 8)
    }

    @Test("CLUSTERDOWN fails at once, is not tried again, and has the map asked for")
    func clusterDown() async throws {
        let test = try servers { arrival in
            arrival.command.name == "SET" ? .send("-CLUSTERDOWN Hash slot not served\r\n") : Self.usual(arrival)
        }
        let failure = await test.failure("SET", "a", "v")
        #expect(failure?.code == .unavailable)
        #expect(failure?.mayHaveRun == false)
        #expect(test.received(2) == [["SET", "a", "v"]])
        try await test.servers[2].waitForCommands("the map again") { $0.contains { $0.name == "CLUSTER" } }
    }

    @Test("a slot that nobody serves fails at once; the others work")
    func uncovered() async throws {
        let test = try servers { Self.usual($0, [(0, 5_460, 0), (5_461, 10_922, 1)]) }
        #expect(try await test.client.send(["SET", "b", "v"]) == .status("OK"))
        let failure = await test.failure("SET", "a", "v")
        #expect(failure?.code == .unavailable)
        #expect(failure?.message == "no node of the cluster serves slot 15495")
    }

    @Test("a write that may have run is not sent again, a read is")
    func lost() async throws {
        let test = try servers { arrival in
            switch arrival.command.name {
            case "INCR": .sendAndClose("")
            case "GET" where arrival.command.connection < 2: .sendAndClose("")
            default: Self.usual(arrival)
            }
        }
        let failure = await test.failure("INCR", "a")
        #expect(failure?.mayHaveRun == true)
        #expect(try await test.sendUntilAnswered("GET", "a") == .status("OK"))
        #expect(test.received(2).count { $0[0] == "INCR" } == 1)
    }

    @Test(
        "what is no map, and a server that is in no cluster, are told",
        arguments: [
            ("+OK\r\n", "CLUSTER SLOTS was answered with something else"),
            ("*1\r\n*3\r\n:5\r\n:3\r\n*2\r\n$1\r\nh\r\n:1\r\n", "CLUSTER SLOTS was answered with something else"),
            ("*0\r\n", "it serves no slots"),
            ("-ERR This instance has cluster support disabled\r\n", "begins with redis://"),
        ])
    func noMap(reply: String, sentence: String) async throws {
        let test = try servers { $0.command.name == "CLUSTER" ? .send(reply) : .usual }
        let failure = await test.failure("GET", "a")
        #expect(failure?.code == .unavailable)
        #expect(failure?.message.contains(sentence) == true, "\(failure?.message ?? "")")
        #expect(await test.client.currentStatus().isConnected == false)
    }

    @Test("each master is visited once")
    func eachMaster() async throws {
        let test = try servers { arrival in
            arrival.command.name == "DBSIZE" ? .send(":\(arrival.server)\r\n") : Self.usual(arrival)
        }
        let sizes = Mutex<[RedisReply]>([])
        try await test.client.forEachMaster { master in
            let reply = try await master.send(["DBSIZE"])
            sizes.withLock { $0.append(reply) }
        }
        #expect(sizes.withLock { $0 } == [.integer(0), .integer(1), .integer(2)])
    }

    @Test("a subscription hangs on any node, and leaves one that has left the cluster")
    func subscription() async throws {
        let isSmall = Atomic(true)
        let test = try servers { arrival in
            if arrival.command.name == "SUBSCRIBE" { return .send("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n") }
            if arrival.command.name == "SET" { return .send("-CLUSTERDOWN The cluster is down\r\n") }
            return Self.usual(
                arrival, [(0, 16_383, isSmall.load(ordering: .sequentiallyConsistent) ? 0 : 1)])
        }
        _ = try await test.client.send(["GET", "a"])
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(test.servers[0].received.contains { $0.name == "SUBSCRIBE" })
        isSmall.store(false, ordering: .sequentiallyConsistent)
        _ = await test.failure("SET", "a", "v")
        #expect(await events.next() == .down)
        #expect(await events.next() == .up)
        #expect(test.servers[1].received.contains { $0.name == "SUBSCRIBE" })
    }
}
