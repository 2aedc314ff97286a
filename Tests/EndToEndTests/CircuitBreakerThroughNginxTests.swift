import TestSupport
import Testing

/// A chat server that keeps failing is left alone: callers have their 503 without a call, rooms are resumed all the
/// same, one call at a time finds out whether it is back. One loop, so one circuit breaker.
@Suite(
    "Circuit breaker through nginx", .serialized, .ownProcesses, .installation { $0.configuration.workers = 1 })
struct CircuitBreakerThroughNginxTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        installation = try bed.installation
        chat = installation.chat
    }

    private struct Scene {
        var tenant: TestTenant
        var name: String
        var session: HTTPTestJSON
        var rid: String { session["rid"].string ?? "" }
        var token: String { session["token"].string ?? "" }

        func history() async throws -> HTTPTestReply { try await tenant.history(rid, token: token) }
    }

    private func scene() async throws -> Scene {
        let tenant = try await bed.tenant()
        let name = someName()
        return Scene(tenant: tenant, name: name, session: try await tenant.started([("name", name)]))
    }

    /// The reasons for which it has opened so far, from the log.
    private func openings() throws -> [String] {
        try installation.daemon.log.filter { $0.contains("left alone but for one call a second") }
    }

    /// Makes calls until the log says that it has opened once more.
    private func open(_ call: () async throws -> HTTPTestReply) async throws -> String {
        let before = try openings().count
        try await eventually("the circuit breaker opens") {
            _ = try await call()
            return try openings().count > before
        }
        return try #require(try openings().last)
    }

    /// No more fault, and served again.
    private func recover(_ scene: Scene) async throws {
        try await chat.disarm()
        try await eventually("the chat server is asked again", within: .seconds(15)) {
            try await scene.history().status == 200
        }
        for _ in 0..<10 { #expect(try await scene.history().status == 200) }
    }

    @Test(
        "open after failures in a row: 503 with Retry-After and a call a second at most; resumes go on; an answer closes it"
    )
    func consecutive() async throws {
        let scene = try await scene()
        try await chat.arm(["route": "*", "kind": "status", "status": 500])
        #expect(try await open { try await scene.tenant.clientConnect() }.contains("failures in a row"))
        let clock = ContinuousClock()
        let began = clock.now
        let mark = try await chat.mark()
        for _ in 0..<60 {
            try expectError(try await scene.tenant.clientConnect(), 503, code: "chat_server_unavailable")
            try expectError(try await scene.history(), 503, code: "chat_server_unavailable")
            #expect(try await scene.tenant.started([("name", scene.name)])["rid"] == scene.session["rid"])
        }
        let calls = try await chat.calls(after: mark)
        // One a second since it opened, which was a little before.
        #expect(calls.count <= Int((clock.now - began) / .seconds(1)) + 2, "\(calls)")
        try await recover(scene)
    }

    @Test("open after half of the calls failed, though never several in a row")
    func failureRate() async throws {
        let scene = try await scene()
        var number = 0
        let reason = try await open {
            // Two of three fail.
            if number % 3 != 2 {
                try await chat.arm(["route": "groups.history", "kind": "status", "status": 500, "count": 1])
            }
            number += 1
            return try await scene.history()
        }
        #expect(reason.contains("calls in 10 s failed"), "\(reason)")
        try await recover(scene)
    }

    @Test("while it is open there is one call at a time, however many callers there are")
    func oneProbe() async throws {
        let scene = try await scene()
        try await chat.arm(["route": "*", "kind": "status", "status": 503])
        _ = try await open { try await scene.tenant.clientConnect() }
        // A probe takes its time, less than what it is waited for.
        try await chat.arm(["route": "*", "kind": "latency", "ms": 1_200])
        try await eventually("no call is under way") { try await chat.callsInFlight() == 0 }
        try await chat.forgetCalls()
        let mark = try await chat.mark()
        try await eventually("three probes have failed") {
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await scene.history().status } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == [503])
            return try await chat.calls(after: mark).count >= 3
        }
        #expect(try await chat.peakInFlight() == 1)
        try await recover(scene)
    }

    @Test("a read whose connection is lost is sent once more, and the caller notices nothing")
    func readAgain() async throws {
        let scene = try await scene()
        try await chat.arm(["route": "groups.history", "kind": "reset", "count": 1])
        let mark = try await chat.mark()
        #expect(try await scene.history().status == 200)
        #expect(try await chat.calls(after: mark).count { $0 == "GET groups.history" } == 2)
    }

    @Test("no call is sent more than twice, and a tenth more calls at most are made than there are to make")
    func budget() async throws {
        let scene = try await scene()
        // Every third is lost: the circuit breaker stays closed.
        for number in 0..<60 {
            try await chat.arm([
                "route": "groups.history", "kind": "reset", "count": 1, "skip": .number(Double(number * 3)),
            ])
        }
        let mark = try await chat.mark()
        for _ in 0..<100 { _ = try await scene.history() }
        let events = try await chat.events(after: mark).filter { $0["path"] == "/api/v1/groups.history" }
        let sent = Dictionary(grouping: events) { $0["requestId"].string ?? "" }.mapValues(\.count)
        #expect(sent.count > 50 && sent.values.allSatisfy { $0 <= 2 })
        // With a reserve of five.
        #expect(events.count <= sent.count + sent.count / 10 + 5)
        try await recover(scene)
    }

    @Test(
        "a call that the server limits is not sent again; Retry-After is the time that it named; nothing else is held up"
    )
    func rateLimit() async throws {
        let scene = try await scene()
        try await chat.arm(["route": "users.create", "kind": "ratelimit", "ms": 7_000])
        let mark = try await chat.mark()
        for calls in 1...8 {
            let reply = try await scene.tenant.clientConnect()
            try expectError(reply, 503, code: "chat_server_busy")
            #expect((1...10).contains(reply.header("retry-after").flatMap { Int($0) } ?? 0), "\(reply)")
            #expect(try await scene.history().status == 200)
            #expect(try await chat.calls(after: mark).count { $0 == "POST users.create" } == calls)
        }
        // A limit is an answer: the circuit breaker stays closed.
        try await chat.disarm()
        #expect(try await scene.tenant.clientConnect().status == 200)
    }
}
