import EventLoop
import RedisClient
import TestSupport
import Testing

@Suite("Redis client and redis-server", .timeLimit(.minutes(2)))
struct RedisServerTests {
    @Test("ten thousand commands in flight each get their own answer")
    func pipelining() async throws {
        let test = try await RedisServerClient(configure: { $0.maxPending = 20_000 })
        let client = test.client
        let wrong = await withTaskGroup(of: Int.self) { group in
            for number in 0..<10_000 {
                group.addTask(executorPreference: client.loop) {
                    let text = "\(number)" + String(repeating: "x", count: number % 300)
                    let reply = try? await client.send(["ECHO", .string(text)])
                    return reply?.text == text ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
        let status = await client.currentStatus()
        #expect(status.isConnected)
        #expect(status.pending == 0)
        #expect(status.reconnects == 0)
    }

    @Test("bytes of every value come back as they went, up to nearly a mebibyte")
    func binary() async throws {
        let test = try await RedisServerClient()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await test.client.send(["SET", .bytes([0, 13, 10, 255]), .bytes(bytes)]) == .status("OK"))
        #expect(try await test.client.send(["GET", .bytes([0, 13, 10, 255])]) == .string(bytes))
        #expect(try await test.client.send(["GET", "none"]) == .null)
        #expect(try await test.client.send(["STRLEN", .bytes([0, 13, 10, 255])]) == .integer(1_000_000))
    }

    @Test("a frozen server: time-out, then refusals at once, and recovery when it runs on")
    func frozen() async throws {
        let test = try await RedisServerClient(configure: {
            $0.commandDeadline = .milliseconds(250)
            $0.connectDeadline = .milliseconds(500)
        })
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
        try test.server.freeze()
        #expect(await test.failure("GET", "k")?.code == .timedOut)
        var refused = await test.failure("GET", "k")
        #expect(refused?.code == .unavailable)
        refused = await test.failure("GET", "k")
        #expect(refused?.code == .unavailable)
        test.server.thaw()
        #expect(try await test.sendUntilAnswered(["GET", "k"]) == .string([118]))
    }

    @Test("a killed server: what was in flight fails, and a new one on the same socket is found")
    func killed() async throws {
        let test = try await RedisServerClient()
        let client = test.client
        _ = try await client.send(["SET", "k", "v"])
        try test.server.freeze()
        let inFlight = Task(executorPreference: client.loop) { try await client.send(["INCR", "n"]) }
        while await client.currentStatus().pending == 0 { await Task.yield() }
        try await test.server.kill()
        let error = await #expect(throws: RedisError.self) { try await inFlight.value }
        #expect(error?.code == .unavailable)
        #expect(error?.mayHaveRun == true)
        #expect(await test.failure("GET", "k")?.code == .unavailable)
        try await test.server.start()
        #expect(try await test.sendUntilAnswered(["GET", "k"]) == .null)
    }

    @Test("a connection that the server closes is made anew")
    func clientKill() async throws {
        let test = try await RedisServerClient()
        _ = try await test.client.send(["PING"])
        try await test.server.command("CLIENT", "KILL", "TYPE", "normal")
        #expect(try await test.sendUntilAnswered(["PING"]) == .status("PONG"))
        #expect(await test.client.currentStatus().reconnects >= 1)
    }

    @Test("through kills, freezes and time-outs no command ever gets another's reply")
    func neverShifted() async throws {
        let test = try await RedisServerClient(configure: {
            $0.commandDeadline = .milliseconds(30)
            $0.connectDeadline = .milliseconds(100)
            $0.healthInterval = .milliseconds(50)
        })
        let client = test.client
        let (shifted, answered) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for worker in 0..<32 {
                group.addTask(executorPreference: client.loop) {
                    var (shifted, answered, number) = (0, 0, 0)
                    while !Task.isCancelled {
                        number += 1
                        let text = "\(worker):\(number)"
                        let inner = Task(executorPreference: client.loop) {
                            try await client.send(["ECHO", .string(text)])
                        }
                        if number % 7 == 0 { inner.cancel() }
                        guard let reply = try? await inner.value else {
                            try? await client.loop.sleep(for: .milliseconds(1))
                            continue
                        }
                        answered += 1
                        if reply.text != text { shifted += 1 }
                    }
                    return (shifted, answered)
                }
            }
            for round in 0..<6 {
                _ = try await test.sendUntilAnswered(["PING"])
                try test.server.freeze()
                while await test.failure("PING") == nil {}
                if round % 3 == 2 {
                    try await test.server.kill()
                    try await test.server.start()
                } else {
                    test.server.thaw()
                }
                if round % 2 == 1 { try await test.server.command("CLIENT", "KILL", "TYPE", "normal") }
            }
            _ = try await test.sendUntilAnswered(["PING"])
            group.cancelAll()
            return try await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(shifted == 0)
        #expect(answered > 0)
    }

    @Test("passwords: the right one is let in, a wrong one and none are refused with the remedy")
    func password() async throws {
        let server = try await RedisServer(password: "hunter2")
        let right = try await RedisServerClient(server, password: "hunter2")
        #expect(try await right.client.send(["PING"]) == .status("PONG"))
        let wrong = try await RedisServerClient(server, password: "hunter3")
        let refused = await wrong.failure("PING")
        #expect(refused?.code == .unavailable)
        #expect(refused?.server?.prefix == .wrongPassword)
        let none = try await RedisServerClient(server)
        #expect(await none.failure("PING")?.server?.prefix == .noAuth)
        let needless = try await RedisServerClient(password: "hunter2")
        #expect(await needless.failure("PING")?.message.contains("leave redis.password_file empty") == true)
    }

    @Test("an ACL user may do what it may, and hears of what it may not")
    func accessList() async throws {
        let server = try await RedisServer(settings: [
            "user default off", "user gateway on >secret ~cg:* &cg:* +@all -flushall",
        ])
        let test = try await RedisServerClient(server, username: "gateway", password: "secret")
        #expect(try await test.client.send(["SET", "cg:k", "v"]) == .status("OK"))
        #expect(await test.failure("SET", "other", "v")?.code == .server(.noPermission))
        #expect(await test.failure("FLUSHALL")?.code == .server(.noPermission))
        #expect(await test.client.currentStatus().reconnects == 0)
    }

    @Test("the database is selected, and one that is not there is refused before any command runs")
    func database() async throws {
        let server = try await RedisServer()
        let zero = try await RedisServerClient(server)
        let five = try await RedisServerClient(server, url: server.url + "?db=5")
        _ = try await five.client.send(["SET", "k", "five"])
        #expect(try await zero.client.send(["GET", "k"]) == .null)
        let none = try await RedisServerClient(server, url: server.url + "?db=99")
        #expect(await none.failure("SET", "k", "v")?.message.contains("the server has no database 99") == true)
        #expect(try await zero.client.send(["DBSIZE"]) == .integer(0))
    }

    @Test("a script survives SCRIPT FLUSH and a new server")
    func scripts() async throws {
        let test = try await RedisServerClient()
        let script = RedisScript(name: "sum", source: "return redis.call('INCRBY', KEYS[1], ARGV[1])")
        #expect(try await test.client.eval(script, keys: ["n"], arguments: [5]) == .integer(5))
        #expect(try await test.client.eval(script, keys: ["n"], arguments: [5]) == .integer(10))
        try await test.server.command("SCRIPT", "FLUSH")
        #expect(try await test.client.eval(script, keys: ["n"], arguments: [5]) == .integer(15))
        try await test.server.stop()
        try await test.server.start()
        _ = try await test.sendUntilAnswered(["PING"])
        #expect(try await test.client.eval(script, keys: ["n"], arguments: [5]) == .integer(5))
    }

    @Test("published messages arrive, and a restart is told as down and up")
    func subscription() async throws {
        let test = try await RedisServerClient()
        let subscription = test.client.subscribe(channel: "cg:revoked")
        var events = subscription.events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(try await test.client.publish([1, 0, 2], to: "cg:revoked") == 1)
        #expect(await events.next() == .message([1, 0, 2]))
        try await test.server.kill()
        #expect(await events.next() == .down)
        #expect(!subscription.isUp)
        try await test.server.start()
        #expect(await events.next() == .up)
        _ = try await test.sendUntilAnswered(["PING"])
        #expect(try await test.client.publish([3], to: "cg:revoked") == 1)
        #expect(await events.next() == .message([3]))
    }

    @Test("a frozen server takes the subscription down as well, though its connection stays open")
    func frozenSubscription() async throws {
        let test = try await RedisServerClient(configure: {
            $0.commandDeadline = .milliseconds(250)
            $0.connectDeadline = .milliseconds(500)
            $0.healthInterval = .milliseconds(100)
        })
        _ = try await test.sendUntilAnswered(["PING"])
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        try test.server.freeze()
        #expect(await events.next() == .down)
        test.server.thaw()
        #expect(await events.next() == .up)
    }

    @Test("TCP works by address and by name, and a name that nobody knows is told")
    func tcp() async throws {
        let server = try await RedisServer(tcp: true)
        let port = try #require(server.port)
        for host in ["127.0.0.1", "localhost"] {
            let test = try await RedisServerClient(server, url: "redis://\(host):\(port)/1")
            #expect(try await test.sendUntilAnswered(["SET", "k", "v"]) == .status("OK"))
        }
        let refused = try await RedisServerClient(server, url: "redis://nobody.invalid:\(port)")
        let failure = await refused.failure("PING")
        #expect(failure?.code == .unavailable)
        #expect(failure?.message.contains("no address for \"nobody.invalid\"") == true, "\(failure?.message ?? "")")
        try await server.kill()
        let closed = try await RedisServerClient(server, url: "redis://127.0.0.1:\(port)")
        #expect(await closed.failure("PING")?.message.contains("refused") == true)
    }
}
