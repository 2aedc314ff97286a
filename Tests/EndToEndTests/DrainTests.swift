import Foundation
import TestSupport
import Testing

/// SIGTERM: no new requests, those in flight are finished, exit status 0.
@Suite("Drain", .serialized, .ownProcesses, .installation())
struct DrainTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    @Test("requests in flight are finished, then the daemon ends with status 0; a new one goes on where it was")
    func finishes() async throws {
        let tenant = try await bed.tenant()
        let chat = installation.chat
        let name = someName()
        let session = try await tenant.started([("name", name)])
        try await chat.arm(["route": "groups.create", "kind": "latency", "ms": 1_500])
        let mark = try await chat.mark()
        async let answers = withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await tenant.clientConnect().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await eventually("the calls are on their way") {
            try await chat.calls(after: mark).count { $0 == "POST users.create" } == 30
        }
        let daemon = try installation.daemon
        daemon.process.terminate()
        #expect(try await answers.allSatisfy { $0 == 200 })
        #expect(try await daemon.process.waitForExit() == 0)
        try await chat.disarm()
        try expectError(try await tenant.clientConnect(), 502)

        try installation.startDaemon()
        try await installation.waitUntilServing()
        let again = try await tenant.started([("name", name)])
        #expect(again["rid"] == session["rid"])
        #expect(again["token"] == session["token"])
    }

    @Test("an idle daemon ends at once, although nginx keeps connections to it open")
    func idle() async throws {
        let tenant = try await bed.tenant()
        for _ in 0..<10 { #expect(try await tenant.clientConnect().status == 200) }
        let daemon = try installation.daemon
        daemon.process.terminate()
        #expect(try await daemon.process.waitForExit(within: .seconds(6)) == 0)
        try installation.startDaemon()
        try await installation.waitUntilServing()
        // Connections that nginx kept are dead now; it must not use them for the first requests.
        for _ in 0..<10 { #expect(try await tenant.clientConnect().status == 200) }
    }

    @Test("a request that takes too long is cut after 10 s, and the status is 0 all the same")
    func deadline() async throws {
        let tenant = try await bed.tenant()
        let chat = installation.chat
        try await chat.arm(["route": "groups.create", "kind": "latency", "ms": 30_000])
        let mark = try await chat.mark()
        async let reply = tenant.clientConnect()
        try await eventually("the call is on its way") {
            try await chat.calls(after: mark).contains("POST users.create")
        }
        let daemon = try installation.daemon
        daemon.process.terminate()
        #expect(try await daemon.process.waitForExit(within: .seconds(16)) == 0)
        let answer = try await reply
        #expect([502, 503, 504].contains(answer.status), "\(answer)")
        #expect(try answer.json.keys == ["status", "code", "request_id"])
        try await chat.disarm()
        try installation.startDaemon()
        try await installation.waitUntilServing()
    }
}
