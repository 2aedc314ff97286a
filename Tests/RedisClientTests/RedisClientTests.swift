import EventLoop
import Logging
@testable import RedisClient
import Synchronization
import TestSupport
import Testing

@Suite("Redis client")
struct RedisClientTests {
    @Test("AUTH, SELECT and PING come first, in this order")
    func handshake() async throws {
        let test = try ScriptedClient(
            credential: RedisCredential(username: "gateway", password: "hunter2"), database: 3)
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
        #expect(
            test.server.received.map(\.words) == [
                ["AUTH", "gateway", "hunter2"], ["SELECT", "3"], ["PING"], ["SET", "k", "v"],
            ])
    }

    @Test("it can be called from its loop, from an actor on the loop and from elsewhere")
    func callers() async throws {
        actor Caller {
            let client: RedisClient
            nonisolated var unownedExecutor: UnownedSerialExecutor { client.loop.asUnownedSerialExecutor() }
            init(client: RedisClient) { self.client = client }
            func call() async throws -> (RedisReply, Bool) {
                let reply = try await client.send(["SET", "k", "actor"])
                return (reply, client.loop.inLoop)
            }
        }
        let test = try ScriptedClient()
        let client = test.client
        #expect(try await client.send(["SET", "k", "elsewhere"]) == .status("OK"))
        let (reply, inLoop) = try await Caller(client: client).call()
        #expect(reply == .status("OK"))
        #expect(inLoop)
        let onLoop = Task(executorPreference: client.loop) {
            let reply = try await client.send(["SET", "k", "loop"])
            return client.loop.inLoop ? reply : .null
        }
        #expect(try await onLoop.value == .status("OK"))
        #expect(test.server.connectionCount == 1)
    }

    @Test("every type of reply arrives as its own type, also in pieces")
    func types() async throws {
        let test = try ScriptedClient { command in
            switch command.words {
            case ["T", "string"]: .send("$3\r\na\r\n\r\n")
            case ["T", "empty"]: .send("$0\r\n\r\n")
            case ["T", "null"]: .send("$-1\r\n")
            case ["T", "nullarray"]: .send("*-1\r\n")
            case ["T", "integer"]: .send(":-42\r\n")
            case ["T", "array"]: .send("*4\r\n:1\r\n$1\r\nx\r\n*1\r\n+in\r\n-WRONGTYPE no\r\n")
            case ["T", "error"]: .send("-WRONGTYPE Operation against a key\r\n")
            default: .usual
            }
        }
        let client = test.client
        #expect(try await client.send(["T", "string"]) == .string(Array("a\r\n".utf8)))
        #expect(try await client.send(["T", "empty"]) == .string([]))
        #expect(try await client.send(["T", "null"]) == .null)
        #expect(try await client.send(["T", "nullarray"]) == .null)
        #expect(try await client.send(["T", "integer"]) == .integer(-42))
        let inner = RedisServerError(message: "WRONGTYPE no")
        #expect(
            try await client.send(["T", "array"])
                == .array([
                    .integer(1), .string([120]), .array([.status("in")]), .error(inner),
                ]))
        #expect(await test.failure("T", "error")?.code == .server(.wrongType))
        #expect(test.server.connectionCount == 1)
    }

    @Test("a reply that comes too late ends the connection and all that wait on it; the next command has a new one")
    func deadline() async throws {
        let test = try ScriptedClient(configure: { $0.commandDeadline = .milliseconds(200) }) { command in
            command.connection == 0 && command.name == "GET" ? .silence : .usual
        }
        async let first = test.failure("GET", "a")
        async let second = test.failure("GET", "b")
        let failures = await [first, second]
        #expect(failures.map { $0?.code } == [.timedOut, .timedOut])
        #expect(failures.allSatisfy { $0?.mayHaveRun == true })
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["SET", "c", ""]) == .status("OK"))
        #expect(await test.client.currentStatus().reconnects == 1)
    }

    @Test("a command that came with little time fails by itself; the server has its time, and the others their replies")
    func littleTime() async throws {
        let test = try ScriptedClient { command in
            guard command.name == "GET" else { return .usual }
            return command.words.last == "b" ? .send("$1\r\nA\r\n$1\r\nB\r\n") : .silence
        }
        let loop = test.client.loop
        let address = RedisAddress.unix(path: test.server.socket)
        let connection = RedisConnection(loop: loop, address: address, limits: test.client.configuration)
        let exchange = Task(executorPreference: loop) {
            try connection.open()
            defer { connection.end(.cancelled) }
            let error = await #expect(throws: RedisError.self) {
                try await connection.command(["GET", "a"], deadline: loop.now &+ 1_000_000)
            }
            return (error, try await connection.command(["GET", "b"], deadline: loop.now &+ 30_000_000_000))
        }
        let (error, reply) = try await exchange.value
        #expect(error?.code == .timedOut)
        #expect(error?.mayHaveRun == true)
        #expect(reply == .string([66]))
    }

    @Test("half a reply is no reply")
    func halfReply() async throws {
        let test = try ScriptedClient(configure: { $0.commandDeadline = .milliseconds(200) }) { command in
            command.name == "GET" ? .send("$5\r\nab") : .usual
        }
        #expect(await test.failure("GET", "a")?.code == .timedOut)
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["SET", "a", "b"]) == .status("OK"))
    }

    @Test(
        "a broken or boundless reply ends the connection, not the process",
        arguments: [
            "?\r\n", "$x\r\n", ":1x\r\n", "*2147483647\r\n", "*100000\r\n", "*-2\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            "*2\r\n*60000\r\n", "+OK\r\n+AGAIN\r\n", "*2\r\n:1\r\n?",
        ])
    func brokenReplies(bytes: String) async throws {
        let test = try ScriptedClient { command in
            guard command.connection == 0, command.name == "GET" else { return .usual }
            // Nested and long: 60,000 elements in each of two levels are more than a reply may have.
            return .send(
                bytes == "*2\r\n*60000\r\n" ? bytes + String(repeating: ":1\r\n", count: 60_000) + "*60000\r\n" : bytes)
        }
        let failure = await test.failure("GET", "a")
        if bytes == "+OK\r\n+AGAIN\r\n" {
            #expect(failure == nil)
        } else {
            #expect(failure?.code == .protocolViolation)
        }
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["GET", "b"]) == .status("OK"))
    }

    @Test("a string larger than 1 MiB ends the connection before it has all come")
    func hugeString() async throws {
        let test = try ScriptedClient { command in
            guard command.connection == 0, command.name == "GET" else { return .usual }
            return .send("$1073741824\r\n" + String(repeating: "x", count: 2 * 1_024 * 1_024))
        }
        let failure = await test.failure("GET", "a")
        #expect(failure?.code == .protocolViolation)
        #expect(failure?.message.contains("too large") == true)
    }

    @Test(
        "a reply that nobody asked for ends the connection, not the process",
        arguments: ["+OK\r\n", ":1\r\n", "*0\r\n"])
    func unsolicited(bytes: String) async throws {
        let test = try ScriptedClient()
        #expect(try await test.client.send(["SET", "a", "b"]) == .status("OK"))
        test.server.push(bytes)
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["SET", "a", "b"]) == .status("OK"))
        #expect(test.log.lines.contains { $0.contains("a reply that nobody asked for") })
    }

    @Test("an error that nobody asked for is passed on in its words")
    func unsolicitedError() async throws {
        let test = try ScriptedClient()
        #expect(try await test.client.send(["SET", "a", "b"]) == .status("OK"))
        test.server.push("-ERR max number of clients reached\r\n")
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
        #expect(test.log.lines.contains { $0.contains("max number of clients reached") })
    }

    @Test("a cancelled command is answered at once, and the others keep their own replies")
    func cancellation() async throws {
        // Nothing is answered before "c" has come; then all three are.
        let test = try ScriptedClient { command in
            switch command.words.last {
            case "a", "b": .silence
            case "c": .send("$1\r\nA\r\n$1\r\nB\r\n$1\r\nC\r\n")
            default: .usual
            }
        }
        let client = test.client
        let a = Task(executorPreference: client.loop) { try await client.send(["GET", "a"]) }
        try await test.server.waitForCommands("a") { $0.last?.words.last == "a" }
        let b = Task(executorPreference: client.loop) { try await client.send(["GET", "b"]) }
        try await test.server.waitForCommands("b") { $0.last?.words.last == "b" }
        b.cancel()
        let error = await #expect(throws: RedisError.self) { try await b.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveRun == true)
        #expect(try await client.send(["GET", "c"]) == .string([67]))
        #expect(try await a.value == .string([65]))
        #expect(test.server.connectionCount == 1)
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let test = try ScriptedClient()
        let client = test.client
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(["SET", "a", "b"])
        }
        let error = await #expect(throws: RedisError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveRun == false)
        _ = try await client.send(["PING"])
        #expect(test.server.received.allSatisfy { $0.name == "PING" })
    }

    @Test("more commands than may wait are refused at once and not sent")
    func overload() async throws {
        let test = try ScriptedClient(configure: { $0.maxPending = 4 }) { command in
            command.name == "GET" ? .silence : .usual
        }
        let client = test.client
        _ = try await client.send(["PING"])
        let waiting = (0..<4).map { number in Task { try await client.send(["GET", .int(number)]) } }
        try await test.server.waitForCommands("four commands") { $0.count { $0.name == "GET" } == 4 }
        let failure = await test.failure("GET", "5")
        #expect(failure?.code == .overloaded)
        #expect(failure?.mayHaveRun == false)
        #expect(await client.currentStatus().pending == 4)
        client.stop()
        for task in waiting {
            let error = await #expect(throws: RedisError.self) { try await task.value }
            #expect(error?.code == .unavailable)
        }
        #expect(test.server.received.count { $0.name == "GET" } == 4)
    }

    @Test("a command with more bytes than may wait is refused")
    func tooManyBytes() async throws {
        let test = try ScriptedClient(configure: { $0.maxPendingBytes = 1_000 })
        #expect(await test.failure("SET", "k", .bytes(Array(repeating: 0, count: 1_000)))?.code == .overloaded)
        #expect(try await test.client.send(["SET", "k", .bytes(Array(repeating: 0, count: 900))]) == .status("OK"))
    }

    @Test("nobody listening: commands fail at once and say why")
    func refused() async throws {
        let loops = try RunningLoops()
        let folder = try TemporaryFolder()
        var configuration = RedisConfiguration(endpoint: .unix(path: folder.file("none.sock")))
        configuration.commandDeadline = .seconds(600)
        let client = RedisClient(loop: loops.loop, configuration: configuration, logger: .init(label: "test"))
        defer { client.stop() }
        for _ in 0..<3 {
            let error = await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
            #expect(error?.code == .unavailable)
            #expect(error?.mayHaveRun == false)
            #expect(error?.message.contains("No such file") == true, "\(error?.message ?? "")")
        }
        #expect(await client.currentStatus().isConnected == false)
    }

    @Test("a server that accepts and is silent: a command waits no longer than its deadline")
    func silentHandshake() async throws {
        let test = try ScriptedClient(configure: { $0.commandDeadline = .milliseconds(100) }) { _ in .silence }
        let failure = await test.failure("GET", "a")
        #expect(failure?.code == .unavailable)
        #expect(failure?.mayHaveRun == false)
        #expect(test.server.received.allSatisfy { $0.name == "PING" })
    }

    @Test(
        "a server that has become useless is left, after its error was passed on",
        arguments: [
            "READONLY You can't write", "LOADING Redis is loading", "MASTERDOWN Link is down", "NOAUTH required",
        ])
    func uselessServer(text: String) async throws {
        let test = try ScriptedClient { command in
            command.connection == 0 && command.name == "SET" ? .send("-\(text)\r\n") : .usual
        }
        let failure = await test.failure("SET", "k", "v")
        #expect(failure?.server?.message == text)
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
    }

    @Test(
        "a refused sign-in is an error in the log with its remedy and without the password",
        arguments: [
            (
                "WRONGPASS invalid username-password pair or user is disabled.",
                "check redis.username and redis.password_file"
            ),
            ("ERR Client sent AUTH, but no password is set", "leave redis.password_file empty"),
            ("ERR wrong number of arguments for 'auth' command", "leave redis.username empty"),
        ])
    func refusedSignIn(text: String, remedy: String) async throws {
        let test = try ScriptedClient(credential: RedisCredential(username: "gateway", password: "hunter2")) {
            command in
            command.name == "AUTH" ? .send("-\(text)\r\n") : .usual
        }
        let failure = await test.failure("GET", "a")
        #expect(failure?.code == .unavailable)
        #expect(failure?.message.contains(remedy) == true)
        #expect(failure?.server?.message == text)
        #expect(test.log.lines.contains { $0.hasPrefix("error: ") && $0.contains(remedy) })
        let status = await test.client.currentStatus()
        #expect(status.lastError?.contains(remedy) == true)
        for text in test.log.lines + ["\(failure as Any)", "\(status)"] { #expect(!text.contains("hunter2")) }
        // Nothing but AUTH was sent: not even PING, and never the command.
        #expect(test.server.received.allSatisfy { $0.name == "AUTH" })
    }

    @Test("a server that is still loading is tried again until it is ready")
    func loading() async throws {
        let test = try ScriptedClient { command in
            command.connection < 3 ? .send("-LOADING Redis is loading the dataset in memory\r\n") : .usual
        }
        test.client.start()
        try await test.waitUntilConnected()
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
    }

    @Test("after stop nothing is sent and everything fails")
    func stop() async throws {
        let test = try ScriptedClient()
        _ = try await test.client.send(["PING"])
        test.client.stop()
        #expect(await test.failure("PING")?.code == .unavailable)
        #expect(await test.failure("SUBSCRIBE", "c")?.code == .commandNotAllowed)
    }

    @Test("a silent connection is asked whether it lives")
    func health() async throws {
        let test = try ScriptedClient(configure: { $0.healthInterval = .milliseconds(20) }, answer: { _ in .usual })
        test.client.start()
        try await test.server.waitForCommands("health checks") { $0.count { $0.words == ["PING"] } >= 4 }
        #expect(test.server.connectionCount == 1)
    }

    @Test("a connection that does not answer whether it lives is made anew, though nobody sent a command")
    func healthFailure() async throws {
        let pings = Mutex(0)
        let test = try ScriptedClient(
            configure: {
                $0.healthInterval = .milliseconds(20)
                $0.commandDeadline = .milliseconds(100)
            },
            answer: { command in
                // The first PING is the handshake's.
                guard command.connection == 0 else { return .usual }
                return pings.withLock {
                    $0 += 1; return $0
                } > 1 ? .silence : .usual
            })
        test.client.start()
        try await test.server.waitForCommands("a new connection") { $0.contains { $0.connection == 1 } }
    }
}

extension ScriptedClient {
    /// Waits until the client says that it is connected; its own pauses are far below a second.
    func waitUntilConnected() async throws {
        while await !client.currentStatus().isConnected { try await loops.loop.sleep(for: .milliseconds(2)) }
    }
}
