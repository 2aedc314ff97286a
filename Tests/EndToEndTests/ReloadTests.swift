import Foundation
import TestSupport
import Testing

/// SIGHUP: tenants and the log level as the files say now; with an error in them, as before.
@Suite("Reload", .serialized, .ownProcesses, .installation())
struct ReloadTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    /// Two seconds are promised; a busy machine gets three times as long.
    private let patience = Duration.seconds(6)

    private func under(_ plan: GatewayTenantPlan) -> TestTenant {
        TestTenant(id: plan.id, secretKey: plan.secretKey, client: bed.client, plan: plan)
    }

    @Test("a tenant's file that was added counts after SIGHUP and not before, one that was removed no more")
    func addedAndRemoved() async throws {
        let plan = GatewayTenantPlan()
        let tenant = under(plan)
        try await installation.prepare(plan)
        try expectError(try await tenant.clientConnect(), 401, "unauthorized")
        try installation.daemon.reload()
        try await eventually("the tenant is there", within: patience) { try await tenant.clientConnect().status == 200 }
        let token = try await tenant.accessToken()
        try FileManager.default.removeItem(atPath: installation.folder.file("tenants.d/\(plan.id).yaml"))
        try installation.daemon.reload()
        try await eventually("the tenant is gone", within: patience) { try await tenant.clientConnect().status == 401 }
        let ping = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
        try expectError(ping, 401, "unauthorized")
    }

    @Test("settings that were changed count after SIGHUP; open sessions stay open")
    func changed() async throws {
        var plan = GatewayTenantPlan(departments: [.init("before", isDefault: true, template: "old greeting")])
        try await installation.add(plan)
        let name = someName()
        let session = try await under(plan).started([("name", name)])
        #expect(session["template"] == "old greeting")
        plan.departments[0].template = "new greeting"
        plan.departments[0].name = "after"
        plan.secretKey = "another-secret-key-of-this-tenant"
        try installation.write(plan.yaml, toTenantFile: plan.id)
        try installation.daemon.reload()
        let tenant = under(plan)
        try await eventually("the new greeting is there", within: patience) {
            try await tenant.started([("name", name)])["template"] == "new greeting"
        }
        #expect(try await tenant.started([("name", name)])["rid"] == session["rid"])
        #expect(try await tenant.accessToken().isEmpty == false)
    }

    @Test(
        "with an error in a file the old configuration stays, and the log says file, line and key",
        arguments: [
            ("unknown key", "colour: red\n", "colour"), ("syntax", "origins: [unclosed\n", ""),
            ("wrong type", "timeout: soon\n", "timeout"), ("bad choice", "close: burn\n", "close"),
        ])
    func broken(what: String, line: String, key: String) async throws {
        let good = GatewayTenantPlan()
        try await installation.add(good)
        let added = GatewayTenantPlan()
        try await installation.prepare(added)
        let bad = GatewayTenantPlan()
        try installation.write(bad.yaml + line, toTenantFile: bad.id)
        let known = try installation.daemon.log.count
        try installation.daemon.reload()
        try await eventually("the log says so", within: patience) {
            try installation.daemon.log.dropFirst(known).contains { $0.contains("old one stays in force") }
        }
        let report = try installation.daemon.log.dropFirst(known).first { $0.contains("\(bad.id).yaml:") } ?? ""
        let place = "\(bad.id).yaml:\(bad.yaml.split(separator: "\n", omittingEmptySubsequences: false).count)"
        // Of a file that is no YAML the parser says where it noticed.
        #expect(what == "syntax" || report.contains(key) && report.contains(place), "\(report)")
        #expect(!report.contains(bad.secretKey))
        // Nothing of the new files counts, not even the good one; everything of the old ones does.
        try expectError(try await under(added).clientConnect(), 401)
        #expect(try await under(good).clientConnect().status == 200)

        try FileManager.default.removeItem(atPath: installation.folder.file("tenants.d/\(bad.id).yaml"))
        try installation.daemon.reload()
        try await eventually("the good file counts", within: patience) {
            try await under(added).clientConnect().status == 200
        }
    }

    @Test("requests in flight finish as if nothing had happened")
    func inFlight() async throws {
        let tenant = try await bed.tenant()
        let chat = installation.chat
        try await chat.arm(["route": "groups.create", "kind": "latency", "ms": 1_500])
        let mark = try await chat.mark()
        async let answers = withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await tenant.clientConnect().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await eventually("the calls are on their way") {
            try await chat.calls(after: mark).count { $0 == "POST users.create" } == 20
        }
        for _ in 0..<5 { try installation.daemon.reload() }
        #expect(try await answers.allSatisfy { $0 == 200 })
        try await chat.disarm()
    }

    @Test("the log level changes at once")
    func logLevel() async throws {
        let tenant = try await bed.tenant()
        let file = installation.folder.file("customersd0.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        func set(_ level: String) throws {
            let changed = text.replacingOccurrences(of: "log_level: debug", with: "log_level: \(level)")
            try changed.write(toFile: file, atomically: true, encoding: .utf8)
            try installation.daemon.reload()
        }
        func isLogged() async throws -> Bool {
            let id = try await tenant.clientConnect().header("x-request-id") ?? "?"
            // Another request's line would come after this one's.
            let next = try await tenant.clientConnect().header("x-request-id") ?? "?"
            let log = try installation.daemon.log
            return log.contains { $0.contains(id) } || log.contains { $0.contains(next) }
        }
        try await eventually("requests are logged") { try await isLogged() }
        try set("info")
        try await eventually("requests are not logged", within: patience) { try await !isLogged() }
        try set("debug")
        try await eventually("requests are logged again", within: patience) { try await isLogged() }
    }
}
