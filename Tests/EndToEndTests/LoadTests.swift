import TestSupport
import Testing

/// Many requests at once: one process, no thread a request.
@Suite("Load", .serialized, .ownProcesses, .installation(alone: true))
struct LoadTests {
    @Test("1,000 requests in flight on a slow chat server are answered, by the same threads; pings and resumes go on")
    func thousand() async throws {
        let bed = try TestBed.current
        let installation = try bed.installation
        let chat = installation.chat
        let agents = [GatewayTenantPlan.Agent(capacity: 10_000)]
        let tenant = try await bed.tenant(GatewayTenantPlan(departments: [.init(isDefault: true, agents: agents)]))
        let name = someName()
        let session = try await tenant.started([("name", name)])
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", try await tenant.accessToken())
        let daemon = try installation.daemon
        let threads = daemon.threadCount
        let mark = try await chat.mark()
        // With a sanitizer the processors cannot do so much in the ten seconds of a request.
        let count = TestPatience.factor == 1 ? 1_000 : 200
        try await chat.arm(["route": "groups.create", "kind": "hold"])
        let most = WaitableState(0)
        let replies = try await withThrowingTaskGroup(of: HTTPTestReply?.self) { group in
            for number in 0..<count {
                group.addTask {
                    // They come over three seconds; the chat server holds all of them until everything has been seen.
                    try await Task.sleep(for: .milliseconds(number * 3_000 / count))
                    return try await tenant.clientConnect()
                }
            }
            group.addTask {
                while try await chat.calls(after: mark).count(where: { $0 == "POST groups.create" }) < count {
                    let now = daemon.threadCount
                    most.change { $0 = max($0, now) }
                    try await Task.sleep(for: .milliseconds(100))
                    if Task.isCancelled { break }
                }
                return nil
            }
            group.addTask {
                while try await chat.callsInFlight() < count * 9 / 10, !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(20))
                }
                for _ in 0..<20 {
                    #expect(try await bed.client.send(ping).text == #""pong""#)
                    #expect(try await tenant.started([("name", name)])["rid"] == session["rid"])
                }
                #expect(try await chat.callsInFlight() >= count / 2, "they hang no more: nothing is shown")
                try await chat.disarm()
                return nil
            }
            var replies: [HTTPTestReply] = []
            while replies.count < count, let reply = try await group.next() {
                if let reply { replies.append(reply) }
            }
            group.cancelAll()
            return replies
        }
        #expect(try await chat.peakInFlight() >= count * 9 / 10, "they were not in flight at once")
        let statuses = Dictionary(grouping: replies, by: \.status).mapValues(\.count)
        #expect(statuses == [200: count], "\(replies.first { $0.status != 200 }?.description ?? "")")
        let answers = try replies.map { try $0.json }
        #expect(Set(answers.map { $0["rid"] }).count == count)
        #expect(answers.allSatisfy { $0["state"] == "assigned" })
        #expect(most.now > 0 && most.now <= threads, "\(most.now) threads instead of \(threads)")
        #expect(daemon.process.isRunning)
    }

    @Test("clients that leave before the answer neither stop the daemon nor leave half a customer behind")
    func leavers() async throws {
        let bed = try TestBed.current
        let chat = try bed.installation.chat
        let tenant = try await bed.tenant()
        try await chat.arm(["route": "users.create", "kind": "latency", "ms": 300])
        let names = (0..<20).map { _ in someName() }
        let client = bed.client
        await withTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    let body = "api_key=\(tenant.id)&name=\(name)"
                    let head = [
                        "POST /customers/client_connect HTTP/1.1", "Host: gateway.test",
                        "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.utf8.count)", "",
                        body,
                    ]
                    await client.sendAndLeave(Array(head.joined(separator: "\r\n").utf8))
                }
            }
        }
        try await chat.disarm()
        for name in names {
            let answer = try await tenant.started([("name", name)])
            #expect(try await chat.members(of: answer["rid"].string ?? "").count == 3)
        }
        #expect(try bed.installation.daemon.process.isRunning)
    }
}
