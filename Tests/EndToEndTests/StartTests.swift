import Foundation
import TestSupport
import Testing

/// How the daemon starts: with a bad configuration not at all, with Redis or the chat server away all the same.
@Suite("Start", .ownProcesses)
struct StartTests {
    /// A configuration folder without any server behind it.
    private struct Folder {
        let folder: TemporaryFolder
        let tenant = GatewayTenantPlan()

        init(_ change: (inout String) -> Void = { _ in }) throws {
            folder = try TemporaryFolder()
            try folder.write("chat-password\n", to: "chat.password")
            try folder.write("e2e-token-key-of-the-test-installation-0123456789\n", to: "token.key")
            try folder.write(
                Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString(), to: "seal.key")
            try FileManager.default.createDirectory(
                atPath: folder.file("tenants.d"), withIntermediateDirectories: false)
            try folder.write(tenant.yaml, to: "tenants.d/acme.yaml")
            var text = GatewayTestConfiguration().yaml(
                folder: folder.path, socket: folder.file("fcgi.sock"), redis: "unix://\(folder.path)/redis.sock",
                chat: "http://127.0.0.1:1")
            change(&text)
            try folder.write(text, to: "customersd.yaml")
        }

        func start(_ arguments: [String] = []) throws -> GatewayProcess {
            try GatewayProcess(configurationFile: folder.file("customersd.yaml"), arguments: arguments)
        }
    }

    /// What is wrong with a configuration, and what the daemon must say.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The line of customersd.yaml that is replaced, and by what.
        var line: String
        var replacement: String
        /// The key that must be named.
        var key: String
        /// What must be said besides.
        var says: String
        init(_ name: String, _ line: String, _ replacement: String, key: String, says: String = "") {
            testDescription = name
            self.line = line
            self.replacement = replacement
            self.key = key
            self.says = says
        }
    }

    private static let faults = [
        Fault("an unknown key", "workers: 2", "worker: 2", key: "worker"),
        Fault("an unknown key in a section", "  customer_role: user", "  customer_rule: user", key: "customer_rule"),
        Fault("text for a number", "workers: 2", "workers: many", key: "workers", says: "many"),
        Fault("a number out of range", "workers: 2", "workers: -1", key: "workers"),
        Fault("a level that is none", "log_level: debug", "log_level: loud", key: "log_level", says: "loud"),
        Fault(
            "a kind of chat server that is none", "  kind: rocketchat", "  kind: irc", key: "kind", says: "rocketchat"),
        Fault("a Redis URL that is none", "  url: unix://", "  url: mysql://", key: "url"),
        Fault("a chat server URL that is none", "  url: http://127.0.0.1:1", "  url: chat.example.com", key: "url"),
        Fault(
            "a base with a path", "  base: https://chat.example.com", "  base: https://chat.example.com/x/", key: "base"
        ),
        Fault(
            "a password mode that is none", "  customer_password: derived", "  customer_password: none",
            key: "customer_password"),
        Fault(
            "a rate that is none", "  client_connect_per_ip: 100000/min", "  client_connect_per_ip: often",
            key: "client_connect_per_ip"),
        Fault("a body limit beyond 64 KiB", "  body: 65536", "  body: 1000000", key: "body"),
        Fault("a lifetime that is none", "  lifetime: 43200", "  lifetime: 12h", key: "lifetime"),
        Fault("a key file that is not there", "/token.key", "/no.key", key: "key_file", says: "no.key"),
        Fault("a seal key that is not there", "/seal.key", "/no.key", key: "seal_key_file", says: "no.key"),
        Fault("a seal key of another size", "/seal.key", "/token.key", key: "seal_key_file"),
        Fault(
            "a folder of tenants that is not there", "/tenants.d", "/no-tenants.d", key: "tenants", says: "no-tenants.d"
        ),
        Fault("no YAML", "workers: 2", "workers: [2", key: ""),
        Fault("a tab for indentation", "  kind: rocketchat", "\tkind: rocketchat", key: ""),
    ]

    @Test("a bad configuration ends the daemon at once, not with 0, naming file, line and key", arguments: faults)
    func bad(fault: Fault) async throws {
        var number = 0
        let folder = try Folder { text in
            #expect(text.contains(fault.line))
            number =
                (text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(fault.line) }
                    ?? -9) + 1
            text = text.replacing(fault.line, with: fault.replacement, maxReplacements: 1)
        }
        for arguments in [[], ["--check"]] {
            let daemon = try folder.start(arguments)
            #expect(try await daemon.process.waitForExit() == 78)
            let says = daemon.log.joined(separator: "\n")
            if fault.key.isEmpty {
                // The parser may find out a line later.
                #expect(says.contains("customersd.yaml:"), "\(says)")
            } else {
                #expect(
                    says.contains("customersd.yaml:\(number):") && says.contains(fault.key), "line \(number): \(says)")
            }
            #expect(fault.says.isEmpty || says.contains(fault.says), "\(says)")
            #expect(!FileManager.default.fileExists(atPath: folder.folder.file("fcgi.sock")))
        }
    }

    @Test("a required key that is missing is named", arguments: ["chat:", "  key_file", "  username"])
    func missing(line: String) async throws {
        let folder = try Folder { text in
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            lines.removeAll { $0.hasPrefix(line) }
            text = lines.joined(separator: "\n")
        }
        let daemon = try folder.start()
        #expect(try await daemon.process.waitForExit() == 78)
        let says = daemon.log.joined(separator: "\n")
        #expect(says.contains("customersd.yaml"), "\(says)")
    }

    @Test("an error in a tenant's file names that file, its line and key, and never the secret")
    func badTenant() async throws {
        let folder = try Folder()
        var other = GatewayTenantPlan(departments: [.init(isDefault: true), .init(isDefault: true)])
        other.id = folder.tenant.id
        for (name, text, key) in [
            ("two defaults", other.yaml, "default"), ("an id twice", other.yaml, folder.tenant.id),
            (
                "a secret twice", other.yaml.replacing("name:", with: "secret_key_file: x\nname:", maxReplacements: 1),
                "secret_key"
            ),
            ("no id", "name: x\n", "id"),
            ("signed without a secret", GatewayTenantPlan { $0.identity = "signed" }.yaml, "identity_secret"),
            ("an origin with a path", GatewayTenantPlan { $0.origins = ["https://x.example/y"] }.yaml, "origins"),
        ] {
            try folder.folder.write(text, to: "tenants.d/other.yaml")
            let daemon = try folder.start(["--check"])
            #expect(try await daemon.process.waitForExit() == 78, "\(name)")
            let says = daemon.log.joined(separator: "\n")
            #expect(says.contains("other.yaml:") && says.contains(key), "\(name): \(says)")
            #expect(!says.contains(other.secretKey) && !says.contains(folder.tenant.secretKey))
        }
    }

    /// Runs a daemon whose standard error systemd calls its journal.
    private func startUnderJournal(_ folder: Folder) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh",
            [
                "-c", #"JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2) exec "$0" --config "$1""#,
                try GatewayExecutables.path(of: "customersd"), folder.folder.file("customersd.yaml"),
            ])
    }

    @Test("in the journal the reasons have the priority of an error, each line of them")
    func priority() async throws {
        let faulty = try Folder {
            $0 = $0.replacing("workers: 2", with: "workers: many").replacing("body: 65536", with: "body: 1")
        }
        let process = try startUnderJournal(faulty)
        #expect(try await process.waitForExit() == 78)
        #expect(process.lines.count == 2 && process.lines.allSatisfy { $0.hasPrefix("<3>/") }, "\(process.lines)")
        let folder = try Folder { $0 = $0.replacing("workers: 2", with: "workers: 1") }
        let first = try folder.start()
        _ = try await first.process.waitForLine(containing: "msg=ready")
        let second = try startUnderJournal(folder)
        #expect(try await second.waitForExit() == 1)
        #expect(second.lines.contains { $0.hasPrefix("<3>customersd: ") }, "\(second.lines)")
    }

    @Test("with log_format: json the reasons are JSON as well, whatever else is wrong in the file")
    func failsInJSON() async throws {
        let folder = try Folder { $0 = "log_format: json\n" + $0.replacing("workers: 2", with: "worker: 2") }
        let daemon = try folder.start()
        #expect(try await daemon.process.waitForExit() == 78)
        #expect(daemon.log.count == 1)
        for line in daemon.log {
            let json = try HTTPTestJSON(parsing: Array(line.utf8))
            #expect(
                json["level"] == "error" && json["msg"].string?.contains("did you mean workers?") == true, "\(line)")
        }
    }

    @Test("signals that mean nothing to it do not end it", arguments: [SIGUSR1, SIGUSR2, SIGALRM])
    func idleSignals(signal: Int32) async throws {
        let folder = try Folder()
        let daemon = try folder.start()
        _ = try await daemon.process.waitForLine(containing: "msg=ready")
        daemon.process.signal(signal)
        daemon.reload()
        _ = try await daemon.process.waitForLine(containing: "configuration reloaded")
        daemon.process.terminate()
        #expect(try await daemon.process.waitForExit() == 0)
        #expect(daemon.log.contains { $0.contains("msg=stopped") }, "it drained")
    }

    @Test("a configuration that does not exist is named")
    func noFile() async throws {
        let folder = try TemporaryFolder()
        let daemon = try GatewayProcess(configurationFile: folder.file("nothing.yaml"))
        #expect(try await daemon.process.waitForExit() == 78)
        #expect(daemon.log.contains { $0.contains("nothing.yaml") })
    }

    @Test("--check of a good configuration ends with 0 and opens nothing; --version says which it is")
    func check() async throws {
        let folder = try Folder()
        let check = try folder.start(["--check"])
        #expect(try await check.process.waitForExit() == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.folder.file("fcgi.sock")))
        let version = try folder.start(["--version"])
        #expect(try await version.process.waitForExit() == 0)
        #expect(version.log.first?.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+.*/) != nil)
    }

    @Test("a reload that is asked for while the daemon starts comes after the start, and does not end it")
    func reloadDuringStart() async throws {
        for _ in 0..<5 {
            let folder = try Folder()
            let daemon = try folder.start()
            // What it says about its configuration is the first that it says.
            _ = try await daemon.process.waitForLine(containing: "secret_key")
            daemon.reload()
            _ = try await daemon.process.waitForLine(containing: "configuration reloaded")
            daemon.process.terminate()
            #expect(try await daemon.process.waitForExit() == 0)
        }
    }

    @Test("the socket is for nginx's group only, and a second daemon does not take it away")
    func socket() async throws {
        let folder = try Folder()
        let path = folder.folder.file("fcgi.sock")
        let first = try folder.start()
        try await eventually("it listens") { FileManager.default.fileExists(atPath: path) && !first.log.isEmpty }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        let second = try folder.start()
        #expect(try await second.process.waitForExit() != 0)
        #expect(first.process.isRunning)
        let reply = try await FastCGIClient.background {
            try FastCGIClient(path).exchange(FastCGIBytes.request("GET", "/customers/openapi.yaml"))
        }
        #expect(reply.status == 200)
        first.process.terminate()
        #expect(try await first.process.waitForExit() == 0)
    }
}

/// Starts while something is away.
@Suite("Start without Redis", .ownProcesses, .installation { $0.redisIsAway = true })
struct StartWithoutRedisTests {
    @Test("with Redis away the daemon serves 503 until Redis comes")
    func redis() async throws {
        let bed = try TestBed.current
        let installation = try bed.installation
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        try expectError(try await bed.client.send(ping), 503, code: "store_unavailable")
        try expectError(try await tenant.clientConnect(), 503, code: "store_unavailable")
        try await installation.redis.start()
        try await eventually("it has Redis", within: .seconds(6)) { try await bed.client.send(ping).status == 200 }
        #expect(try await tenant.clientConnect().status == 200)
        #expect(try installation.daemon.process.isRunning)
    }
}

@Suite(
    "Start without the chat server", .ownProcesses,
    .installation {
        $0.relaysChat = true
        $0.chatIsAway = true
    })
struct StartWithoutChatServerTests {
    @Test("with the chat server away the daemon starts, answers what it can, and recovers when it comes")
    func chat() async throws {
        let bed = try TestBed.current
        let installation = try bed.installation
        let tenant = try await bed.tenant()
        let token = try await tenant.accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        #expect(try await bed.client.send(ping).status == 200)
        try expectError(try await tenant.clientConnect(), 503, code: "chat_server_unavailable")
        try installation.relay?.mend()
        try await eventually("customers are served", within: .seconds(15)) {
            try await tenant.clientConnect().status == 200
        }
    }
}
