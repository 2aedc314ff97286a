import Foundation
import TestSupport
import Testing

/// Runs `customersctl` as an admin does: against a running daemon, its Redis and its chat server.
struct ControlCommand {
    let installation: GatewayInstallation

    /// How it ended and what it printed, standard output and standard error together.
    struct Outcome {
        var status: Int32
        var text: String

        var json: HTTPTestJSON { get throws { try HTTPTestJSON(parsing: Array(text.utf8)) } }
    }

    /// Runs a command with the installation's configuration.
    func callAsFunction(_ words: String...) async throws -> Outcome {
        let process = try ChildProcess(
            try GatewayExecutables.path(of: "customersctl"),
            words + ["--config", installation.folder.file("customersd0.yaml")])
        let status = try await process.waitForExit(within: .seconds(40))
        return Outcome(status: status, text: process.lines.joined(separator: "\n"))
    }
}

@Suite("customersctl", .ownProcesses, .installation { $0.chatArguments = ["--create-token-secret", "s3cret"] })
struct ControlCommandTests {
    private var installation: GatewayInstallation { get throws { try TestBed.current.installation } }
    private var run: ControlCommand { get throws { ControlCommand(installation: try installation) } }

    @Test("check says that a good configuration is good")
    func check() async throws {
        let outcome = try await run("check")
        #expect(outcome.status == 0 && outcome.text.contains("the configuration is good"), "\(outcome)")
    }

    @Test(
        "every command's help has examples",
        arguments: [
            "check", "status", "doctor", "reload", "metrics", "tenant", "tenant list", "tenant show", "agent",
            "agent list", "agent pause", "agent resume", "queue", "session", "session list", "session show",
            "session close", "token", "token issue", "token inspect", "token revoke", "completion",
        ])
    func examples(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let help = try ChildProcess(try GatewayExecutables.path(of: "customersctl"), ["help"] + words)
        #expect(try await help.waitForExit() == 0)
        let begin = try #require(help.lines.firstIndex { $0.contains("EXAMPLES") }, "\(help.lines)")
        #expect(help.lines[begin...].contains { $0.hasPrefix("  customersctl \(command)") })
    }

    @Test(
        "a configuration that does not exist is named, also where the daemon is asked",
        arguments: ["check", "status", "reload"])
    func noConfiguration(command: String) async throws {
        let process = try ChildProcess(
            try GatewayExecutables.path(of: "customersctl"), [command, "--config", "/nowhere/customersd.yaml"])
        #expect(try await process.waitForExit() == 78)
        #expect(process.lines.contains { $0.contains("/nowhere/customersd.yaml: cannot be read") }, "\(process.lines)")
    }

    @Test(
        "check by somebody who may not read the configuration or a secret finds no error, and no permission",
        arguments: ["customersd.yaml", "chat.password", "tenants.d"])
    func forbidden(name: String) async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("customersd.yaml")
        let good = """
            redis: {url: "unix://\(folder.file("redis.sock"))"}
            chat: {url: "http://127.0.0.1:1", username: gateway, password_file: chat.password}
            tokens: {key: "0123456789abcdef0123456789abcdef"}
            tenants: tenants.d

            """
        try folder.write(good, to: "customersd.yaml")
        try folder.write("secret\n", to: "chat.password")
        try #require(mkdir(folder.file("tenants.d"), 0o700) == 0)
        #expect(try await checkWithoutPrivilege(file) == [0, 0])
        try #require(chmod(folder.file(name), 0) == 0)
        defer { chmod(folder.file(name), 0o700) }
        #expect(try await checkWithoutPrivilege(file) == [77, 77])
        #expect(try await checkWithoutPrivilege(file, [["customersctl", "doctor"]]) == [77])
        guard name != "customersd.yaml" else { return }
        try folder.write(good + "workers: many\n", to: "customersd.yaml")
        #expect(try await checkWithoutPrivilege(file) == [78, 78], "what is wrong is no matter of permission")
    }

    /// The exit status of both checks for a user whom the files' modes bind; root gives up what they do not.
    private func checkWithoutPrivilege(
        _ file: String, _ commands: [[String]] = [["customersctl", "check"], ["customersd", "--check"]]
    ) async throws -> [Int32] {
        let prefix = geteuid() == 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : ["env"]
        var statuses: [Int32] = []
        for words in commands {
            let program = try GatewayExecutables.path(of: words[0])
            let process = try ChildProcess("/usr/bin/env", prefix + [program, words[1], "--config", file])
            statuses.append(try await process.waitForExit())
        }
        return statuses
    }

    @Test("check --json is one JSON text, good or not, with the status that it ends with")
    func checkJSON() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            chat: {url: "http://127.0.0.1:1", username: gateway, password: hunter2}
            tokens: {key: "0123456789abcdef0123456789abcdef"}
            workers: many

            """, to: "customersd.yaml")
        let check = { () async throws -> ControlCommand.Outcome in
            let process = try ChildProcess(
                try GatewayExecutables.path(of: "customersctl"),
                ["check", "--json", "--config", folder.file("customersd.yaml")])
            let status = try await process.waitForExit()
            return ControlCommand.Outcome(status: status, text: process.lines.joined(separator: "\n"))
        }
        let bad = try await check()
        let problem = try bad.json["problems"].array.first { $0["key"] == "workers" }
        #expect(bad.status == 78 && problem?["line"].int == 3, "\(bad)")
        #expect(try bad.json["status"].int == 78 && bad.json["warnings"].array.isEmpty)
        let good = try await run("check", "--json")
        #expect(good.status == 0)
        #expect(try good.json["status"].int == 0 && good.json["problems"].array.isEmpty)
        #expect(try good.json["warnings"].array.contains { $0["key"] == "chat.base" }, "\(good)")
    }

    @Test("a command that is none gets the one that was meant, at every level")
    func unknown() async throws {
        for (words, meant) in [
            (["statsu"], "did you mean customersctl status?"),
            (["token", "isue"], "did you mean customersctl token issue?"), (["frobnicate"], "there are check, status"),
        ] {
            let process = try ChildProcess(try GatewayExecutables.path(of: "customersctl"), words)
            #expect(try await process.waitForExit() == 64)
            #expect(process.lines.joined().contains(meant), "\(process.lines)")
        }
        let help = try ChildProcess(try GatewayExecutables.path(of: "customersctl"), [])
        #expect(try await help.waitForExit() == 0)
        #expect(help.lines.contains { $0.contains("customersctl doctor") })
    }

    @Test("status shows the daemon, its servers, queues and agents")
    func status() async throws {
        let plan = GatewayTenantPlan(departments: [
            GatewayTenantPlan.Department("support", isDefault: true, agents: [GatewayTenantPlan.Agent(capacity: 1)])
        ]) { $0.name = "Status \(someName())" }
        let tenant = try await TestBed.current.tenant(plan)
        _ = try await tenant.started()
        _ = try await tenant.started()
        let json = try await run("status", "--json").json
        #expect(json["chat"]["isHealthy"].bool == true && json["chat"]["credential"] == "accepted")
        #expect(json["loops"].array.count == 2)
        #expect(json["loops"].array.allSatisfy { $0["redisIsConnected"].bool == true && $0["breaker"] == "closed" })
        #expect((json["traffic"]["requests"].int ?? 0) >= 2)
        let shown = try #require(json["tenants"].array.first { $0["id"].string == tenant.id })
        #expect(shown["queues"].array.map { $0["length"].int } == [1])
        #expect(shown["agents"].array.map { $0["rooms"].int } == [1])
        #expect(shown["agents"].array.map { $0["status"].string } == ["online"])
        let outcome = try await run("status")
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("credential accepted") && outcome.text.contains(plan.name), "\(outcome.text)")
    }

    @Test("status and metrics are of the same daemon, and metrics count requests by route")
    func metrics() async throws {
        let tenant = try await TestBed.current.tenant()
        _ = try await tenant.started()
        for path in ["/customers/nothing-here", "/customers/auth_ping/"] {
            _ = try await tenant.client.send(.get(path))
        }
        let text = try await run("metrics").text
        for start in [
            "customersd_requests_total{route=\"/customers/client_connect\",status=\"2xx\"} ",
            "customersd_request_seconds_bucket{route=\"/customers/client_connect\",status=\"2xx\",le=\"10\"} ",
            "customersd_requests_total{route=\"other\",status=\"4xx\"} ",
            "customersd_requests_total{route=\"/customers/auth_ping\",status=\"4xx\"} ",
            "customersd_redis_commands_total{result=\"ok\"} ",
            "customersd_chat_calls_total{route=\"groups.create\",status=\"2xx\"} ",
            "customersd_queue_length{department=\"\(tenant.department())\",tenant=\"\(tenant.id)\"} 0",
            "customersd_requests_in_flight ",
            // From the start on: a rise from nothing is none to Prometheus.
            "customersd_requests_total{route=\"/customers/connect\",status=\"5xx\"} 0",
            "customersd_chat_calls_total{route=\"groups.create\",status=\"timeout\"} 0",
            "customersd_transfers_total{outcome=\"failed\",reason=\"reassign\"} 0",
            "customersd_repairs_total{kind=\"lost_slot\"} 0", "customersd_turned_away_total 0",
            "customersd_gate_refusals_total{reason=\"peer\"} 0",
            "customersd_redis_commands_total{result=\"timeout\"} 0",
        ] {
            #expect(text.split(separator: "\n").contains { $0.hasPrefix(start) }, "nothing begins with \(start)")
        }
        #expect(!text.contains("customersd_customersd") && !text.contains("nothing-here"))
        // As Prometheus' own checks want it: every family once, with its help; counters end in _total, nothing else
        // does.
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        let helped = lines.filter { $0.starts(with: ["#", "HELP"]) }.map { $0[2] }
        let types = lines.filter { $0.starts(with: ["#", "TYPE"]) }
        #expect(Set(helped).count == helped.count && helped == types.map { $0[2] })
        let readme = try String(contentsOfFile: GatewayExecutables.packageFolder + "/README.md", encoding: .utf8)
        for type in types {
            #expect(["{", "`"].contains { readme.contains("`\(type[2])\($0)") }, "README: \(type[2])")
        }
        for type in types { #expect(type[2].hasSuffix("_total") == (type[3] == "counter"), "\(type)") }
    }

    @Test("completion scripts are for reading in, and are no programs", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let process = try ChildProcess(try GatewayExecutables.path(of: "customersctl"), ["completion", shell])
        #expect(try await process.waitForExit() == 0)
        #expect(process.lines.first?.isEmpty == false && process.lines.first?.hasPrefix("#!") == false)
        #expect(process.lines.contains { $0.contains("customersctl") })
    }

    @Test("an agent of several tenants: they are named, by their ids where the names are the same")
    func agentOfSeveral() async throws {
        let agent = GatewayTenantPlan.Agent()
        let department = GatewayTenantPlan.Department(isDefault: true, agents: [agent])
        let name = "Twin \(someName())"
        let plans = [name, name].map { name in GatewayTenantPlan(departments: [department]) { $0.name = name } }
        _ = try await TestBed.current.tenant(plans[0])
        // The agent's account is there already.
        try installation.write(plans[1].yaml, toTenantFile: plans[1].id)
        let twins = try await run("agent", "pause", agent.username)
        #expect(twins.status == 1)
        for plan in plans { #expect(twins.text.contains(plan.id), "\(twins.text)") }
    }

    @Test("a tenant is shown without its secrets")
    func tenant() async throws {
        let plan = GatewayTenantPlan {
            $0.identity = "signed"
            $0.identitySecret = "identity-secret-of-a-test"
        }
        _ = try await TestBed.current.tenant(plan)
        for outcome in [
            try await run("tenant", "show", plan.id), try await run("tenant", "show", plan.id, "--json"),
            try await run("tenant", "list"),
        ] {
            #expect(outcome.status == 0 && outcome.text.contains(plan.id))
            #expect(!outcome.text.contains(plan.secretKey) && !outcome.text.contains("identity-secret-of-a-test"))
        }
        let unknown = try await run("tenant", "show", "nobody")
        #expect(unknown.status == 1 && unknown.text.contains("tenant list"))
    }

    @Test("a token that it issues is accepted until it revokes it, and it says why one is refused")
    func tokens() async throws {
        let tenant = try await TestBed.current.tenant()
        let token = try await run("token", "issue", "--tenant", tenant.id, "--lifetime", "600").text
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        #expect(try await tenant.client.send(ping).status == 200)
        let accepted = try await run("token", "inspect", token)
        #expect(accepted.status == 0 && accepted.text.hasPrefix("accepted"), "\(accepted)")
        #expect(try await run("token", "revoke", token).status == 0)
        try await eventually("the token is refused") { try await tenant.client.send(ping).status == 401 }
        let refused = try await run("token", "inspect", token)
        #expect(refused.status == 1 && refused.text.contains("it was revoked"), "\(refused)")
        let expired = TokenForge(tenant: tenant.id) { $0.claims["exp"] = 1_000 }.token
        #expect(try await run("token", "inspect", expired).text.contains("it has expired"))
        let forged = TokenForge(tenant: tenant.id) { $0.key = "another key" }
        #expect(try await run("token", "inspect", forged.token).text.contains("signature"))
        #expect(try await run("token", "revoke", forged.token).status == 1)
        #expect(try await run("token", "inspect", TokenForge(tenant: tenant.id).unsigned).status == 1)
        let foreign = TokenForge(tenant: UUID().uuidString.lowercased()) { $0.claims["scp"] = "other" }.token
        let text = try await run("token", "inspect", foreign).text
        #expect(text.contains("no tenant") && text.contains("scope"), "\(text)")
    }

    @Test("a token that was cut short is no jti: it is refused without being shown, and the whole one stays good")
    func tokenCutShort() async throws {
        let tenant = try await TestBed.current.tenant()
        let token = try await run("token", "issue", "--tenant", tenant.id).text
        let parts = token.split(separator: ".")
        for piece in [String(token.prefix(60)), String(parts[0]), "\(parts[1]).\(parts[2])"] {
            let outcome = try await run("token", "revoke", piece)
            #expect(outcome.status == 64 && outcome.text.contains("a part of a token"), "\(outcome)")
            #expect(!outcome.text.contains(piece.prefix(20)))
        }
        let tail = try await run("token", "revoke", String(token.dropLast(3)))
        #expect(tail.status == 1 && tail.text.contains("cut short"), "\(tail)")
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        #expect(try await tenant.client.send(ping).status == 200)
        let jti = try await run("token", "revoke", "2e0eee3ec852bfb5e5da22fde5ead208")
        #expect(jti.status == 0 && jti.text.contains("if there is a token with this jti"), "\(jti)")
    }

    @Test("a session is listed, shown without its token, and closed as by its customer")
    func sessions() async throws {
        let tenant = try await TestBed.current.tenant()
        let name = someName()
        let body = try await tenant.started([("name", name)])
        let rid = try #require(body["rid"].string)
        let token = try #require(body["token"].string)
        let list = try await run("session", "list", "--tenant", tenant.id, "--json").json
        #expect(list.array.map { $0["rid"].string } == [rid])
        #expect(list.array.first?["state"] == "assigned")
        let shown = try await run("session", "show", rid)
        #expect(shown.text.contains(name) && !shown.text.contains(token), "\(shown)")
        #expect(try await run("session", "close", rid).status == 0)
        #expect(try await installation.chat.room(rid) == nil)
        #expect(try await run("session", "list", "--tenant", tenant.id).text == "no sessions")
        #expect(try await run("session", "close", rid).status == 1)
        // As after shutdown_service the same customer may say it again.
        #expect(try await tenant.shutdown(rid, token: token).status == 200)
    }

    @Test("who waits is shown in the order of the queue, and agents with what they have")
    func queue() async throws {
        let agent = GatewayTenantPlan.Agent(capacity: 1)
        let plan = GatewayTenantPlan(departments: [GatewayTenantPlan.Department(isDefault: true, agents: [agent])])
        let tenant = try await TestBed.current.tenant(plan)
        _ = try await tenant.started()
        let waiting = [try await tenant.started()["rid"].string, try await tenant.started()["rid"].string]
        let queue = try await run("queue", "--tenant", tenant.id, "--json").json
        #expect(queue[0]["length"].int == 2)
        #expect(queue[0]["waiting"].array.map { $0["rid"].string } == waiting)
        let list = try await run("session", "list", "--tenant", tenant.id, "--state", "waiting", "--json").json
        #expect(Set(list.array.map { $0["rid"].string }) == Set(waiting))
        let agents = try await run("agent", "list", "--tenant", tenant.id, "--json").json
        #expect(agents.array.map { $0["username"].string } == [agent.username])
        #expect(agents[0]["rooms"].int == 1 && agents[0]["capacity"].int == 1 && agents[0]["status"] == "online")
    }

    @Test("a command line that makes no sense is told so")
    func usage() async throws {
        #expect(try await run("session", "list", "--state", "nonsense").status == 64)
        #expect(try await run("frobnicate").status == 64)
        #expect(try await run("session", "list", "--limit", "0").status == 64)
    }
}

@Suite("customersctl reload --pid", .ownProcesses, .installation())
struct ReloadProcessTests {
    private var installation: GatewayInstallation { get throws { try TestBed.current.installation } }
    private var run: ControlCommand { get throws { ControlCommand(installation: try installation) } }

    @Test("signals a daemon and nothing else, and does not say that it was reloaded")
    func process() async throws {
        let installation = try installation
        let file = installation.folder.file("customersd0.yaml")
        let configuration = try String(contentsOfFile: file, encoding: .utf8)
        try (configuration + "\ncontrol: off\n").write(toFile: file, atomically: true, encoding: .utf8)
        let other = try ChildProcess("/bin/sleep", ["600"])
        for pid in ["\(other.pid)", "0", "1"] {
            let outcome = try await run("reload", "--pid", pid)
            #expect([1, 64].contains(outcome.status) && !outcome.text.contains("reloaded"), "\(outcome)")
        }
        let group = try await run("reload", "--pid=-\(other.pid)")
        #expect(group.status == 64, "\(group)")
        other.terminate()
        _ = try await other.waitForExit()
        let tenant = GatewayTenantPlan()
        try installation.write(tenant.yaml, toTenantFile: tenant.id)
        let good = try await run("reload", "--pid", "\(installation.daemon.process.pid)")
        #expect(good.status == 0 && good.text.contains("was told to reload"), "\(good)")
        try await eventually("the daemon has reloaded") {
            try installation.daemon.log.contains { $0.contains("configuration reloaded") }
        }
    }

    @Test("a daemon with another configuration on the same control socket is not taken for the one that was meant")
    func sharedSocket() async throws {
        let installation = try installation
        let socket = try #require(installation.controlSockets.first)
        let other = """
            chat: {url: "http://127.0.0.1:1", username: gateway, password: geheim}
            tokens: {key: "0123456789abcdef0123456789abcdef"}
            listen: 127.0.0.1:9002
            control: \(socket)

            """
        try installation.folder.write(other, to: "other.yaml")
        for command in ["reload", "status"] {
            let process = try ChildProcess(
                try GatewayExecutables.path(of: "customersctl"),
                [command, "--config", installation.folder.file("other.yaml")])
            #expect(try await process.waitForExit() == 69)
            #expect(process.lines.contains { $0.contains("a control socket each") }, "\(process.lines)")
        }
        #expect(try await run("status", "--socket", socket).status == 0)
    }
}

@Suite("customersctl doctor", .ownProcesses, .installation())
struct DoctorTests {
    private var installation: GatewayInstallation { get throws { try TestBed.current.installation } }
    private var run: ControlCommand { get throws { ControlCommand(installation: try installation) } }

    @Test("names what is wrong, each with its remedy, and leaves no room in the chat server")
    func doctor() async throws {
        let plan = GatewayTenantPlan()
        _ = try await TestBed.current.tenant(plan)
        let chat = try installation.chat
        let mark = try await chat.mark()
        let well = try await run("doctor")
        #expect(well.status == 0, "\(well.text)")
        for text in [
            "Redis 7", "Rocket.Chat 8", "the credential is good", "create-user is granted", "the daemon answers",
        ] {
            #expect(well.text.contains(text), "\(text) is not in \(well.text)")
        }
        let calls = try await chat.calls(after: mark)
        #expect(calls.contains("POST logout") && !calls.contains("POST groups.create"), "\(calls)")
        // Another seal key: the password that it derives is not the probe's.
        let key = try installation.folder.file("seal.key")
        let old = try String(contentsOfFile: key, encoding: .utf8)
        try Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString().write(
            toFile: key, atomically: true, encoding: .utf8)
        let rekeyed = try await run("doctor")
        #expect(rekeyed.status == 1 && rekeyed.text.contains("FAULT  the seal key is another one"), "\(rekeyed.text)")
        try old.write(toFile: key, atomically: true, encoding: .utf8)
        // An agent whom the chat server does not know, a secret that everybody may read, a Redis that throws keys away.
        let ghost = GatewayTenantPlan()
        try installation.write(ghost.yaml, toTenantFile: ghost.id)
        _ = chmod(try installation.folder.file("seal.key"), 0o644)
        try await installation.redis.command("CONFIG", "SET", "maxmemory", "100mb")
        try await installation.redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        let ill = try await run("doctor")
        #expect(ill.status == 1)
        for text in [
            "there is no account of agent \(ghost.agents[0].username)", "seal.key", "maxmemory-policy allkeys-lru",
        ] {
            #expect(ill.text.contains(text), "\(text) is not in \(ill.text)")
        }
        // A role that does not exist; and somebody has tidied up in /run.
        let file = try installation.folder.file("customersd0.yaml")
        let configuration = try String(contentsOfFile: file, encoding: .utf8)
        try configuration.replacingOccurrences(of: "customer_role: user", with: "customer_role: custmer").write(
            toFile: file, atomically: true, encoding: .utf8)
        for socket in try installation.sockets + installation.controlSockets { unlink(socket) }
        let worse = try await run("doctor")
        for text in [
            "FAULT  the chat server has no role custmer", "systemctl restart customersd.socket customersd.service",
            "systemctl restart customersd starts it, or makes the socket again",
        ] {
            #expect(worse.text.contains(text), "\(text) is not in \(worse.text)")
        }
    }
}

@Suite("customersctl in trouble", .ownProcesses, .installation { $0.relaysChat = true })
struct ControlTroubleTests {
    private var installation: GatewayInstallation { get throws { try TestBed.current.installation } }
    private var run: ControlCommand { get throws { ControlCommand(installation: try installation) } }

    @Test("says what to do when the chat server, Redis or the daemon is away, and when the configuration is wrong")
    func away() async throws {
        let tenant = try await TestBed.current.tenant()
        try installation.relay?.cut()
        try await eventually("status says that the chat server is away") {
            let outcome = try await run("status")
            return outcome.status == 1 && outcome.text.contains("IN TROUBLE")
        }
        #expect(try await run("doctor").text.contains("cannot be reached"))
        try await installation.redis.stop()
        let queue = try await run("queue", "--tenant", tenant.id)
        #expect(queue.status == 69 && queue.text.contains("customersctl doctor"), "\(queue)")
        let error = try await run("queue", "--tenant", tenant.id, "--json")
        #expect(error.status == 69)
        #expect(try error.json["status"].int == 69 && error.json["error"].string?.contains("Redis") == true, "\(error)")
        #expect(try error.json["remedy"].string?.contains("customersctl doctor") == true)
        #expect(try await run("doctor").text.contains("systemctl status redis-server"))
        #expect(try await run("token", "issue", "--tenant", tenant.id).status == 0, "a token can be made without Redis")
        try installation.write("id: nonsense\n", toTenantFile: "broken")
        let reload = try await run("reload")
        #expect(reload.status == 78 && reload.text.contains("broken.yaml:1"), "\(reload)")
        #expect(try await run("check").status == 78)
        try installation.daemon.process.terminate()
        try await installation.daemon.process.waitForExit()
        let gone = try await run("status", "--socket", try installation.folder.file("control0.sock"))
        #expect(gone.status == 69 && gone.text.contains("systemctl status customersd"), "\(gone)")
    }
}
