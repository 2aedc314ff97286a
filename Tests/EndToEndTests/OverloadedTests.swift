import TestSupport
import Testing

/// More work for the chat server than it does: it is turned away early, and what needs no chat server goes on.
@Suite(
    "Overloaded", .serialized, .ownProcesses,
    .installation {
        $0.configuration.workers = 1
        $0.configuration.limitLines = ["chat_operations: 8"]
    })
struct OverloadedTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    @Test(
        "beyond the turns that there are: 503 with Retry-After; pings and resumes go on, and so does everything afterwards"
    )
    func turnedAway() async throws {
        let agents = [GatewayTenantPlan.Agent(capacity: 1_000)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let session = try await tenant.started()
        let access = try await tenant.accessToken()
        try await installation.chat.arm(["route": "groups.create", "kind": "latency", "ms": 3_000])
        let mark = try await installation.chat.mark()
        let calls = Task {
            try await withThrowingTaskGroup(of: HTTPTestReply.self) { group in
                for _ in 0..<60 { group.addTask { try await tenant.clientConnect() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        try await eventually("they are under way") {
            try await installation.chat.calls(after: mark).count { $0 == "POST users.create" } >= 7
        }
        for _ in 0..<50 {
            let ping = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", access))
            #expect(ping.status == 200)
        }
        #expect(try await tenant.started(token: session["token"].string)["rid"] == session["rid"])
        #expect(
            try await tenant.history(session["rid"].string ?? "", token: session["token"].string ?? "").status == 200)
        let replies = try await calls.value
        #expect(replies.count { $0.status == 200 } >= 7)
        let refused = replies.filter { $0.status != 200 }
        #expect(refused.count >= 40)
        for reply in refused {
            try expectError(reply, 503, "overloaded", code: "overloaded")
            #expect((1...5).contains(reply.header("retry-after").flatMap { Int($0) } ?? 0))
        }
        try await installation.chat.disarm()
        #expect(try await tenant.clientConnect().status == 200)
        #expect(try await installation.chat.peakInFlight() <= 40)
    }

    @Test("strangers are turned away before those who prove who they are")
    func strangersFirst() async throws {
        let agents = [GatewayTenantPlan.Agent(capacity: 10_000)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let access = try await tenant.accessToken()
        // Seven turns of a quarter of a second are for starts: more strangers than those come all the time.
        for route in ["groups.create", "im.create"] {
            try await installation.chat.arm(["route": .string(route), "kind": "latency", "ms": 250])
        }
        let isOver = WaitableState(false)
        let strangers = Task {
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        var statuses: [Int] = []
                        while !isOver.now { statuses.append(try await tenant.clientConnect().status) }
                        return statuses
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        try await eventually("strangers are turned away") { try await tenant.clientConnect().status == 503 }
        let known = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var statuses: [Int] = []
                    for _ in 0..<8 { statuses.append(try await tenant.connect(someName(), token: access).status) }
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        isOver.change { $0 = true }
        let unknown = try await strangers.value
        try await installation.chat.disarm()
        #expect(Set(known + unknown).isSubset(of: [200, 503]))
        func share(_ statuses: [Int]) -> Double { Double(statuses.count { $0 == 503 }) / Double(statuses.count) }
        #expect(share(unknown) > 0.1)
        #expect(share(known) < share(unknown) / 2, "\(share(known)) of the known, \(share(unknown)) of the strangers")
    }
}
