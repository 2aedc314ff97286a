import TestSupport
import Testing

/// Two hosts as README.md describes them: nginx, daemon and `nginx/fleet/customers.conf` on each, FastCGI over TCP
/// between them, one Redis and one chat server.
@Suite("Two hosts", .ownProcesses)
struct TwoHostTests {
    @Test("a conversation goes on at the other host, and a host whose daemon is away serves through the other's")
    func standIn() async throws {
        let fleet = try await TwoHostInstallation(allow: "127.0.0.0/8")
        let here = fleet.tenant(at: 0)
        let there = fleet.tenant(at: 1)
        let begun = try await here.started([("name", "eve")])
        let rid = try #require(begun["rid"].string)
        let token = try #require(begun["token"].string)
        #expect(try await there.history(rid, token: token).status == 200)
        #expect(fleet.nginx[0].accessLog.allSatisfy { !$0.contains("via=\"127.0.0.") })

        let daemon = fleet.daemons[0]
        daemon.process.terminate()
        #expect(try await daemon.process.waitForExit() == 0)
        #expect(try await here.history(rid, token: token).status == 200)
        let resumed = try await here.started([("name", "eve"), ("group_id", rid)], token: token)
        #expect(resumed["rid"].string == rid)
        let line = try #require(fleet.nginx[0].accessLog.last)
        #expect(line.contains("127.0.0.3:\(fleet.ports[1])"), "\(line)")
        // The other host's log has the same request under the id that this host's nginx gave it.
        let id = try #require(line.split(separator: " ").last?.split(separator: "=").last)
        #expect(fleet.daemons[1].log.contains { $0.contains(id) })
    }

    @Test("a web server that is not on the list gets no answer, and the daemon says that it turned one away")
    func stranger() async throws {
        let fleet = try await TwoHostInstallation(allow: "127.0.0.9")
        let address = "127.0.0.3:\(fleet.ports[1])"
        let isClosed = try await FastCGIClient.background { try FastCGIClient(address).isClosedByServer() }
        #expect(isClosed)
        try await eventually("it is in the log") {
            fleet.daemons[1].log.contains { $0.contains("FastCGI request refused") && $0.contains("reason=peer") }
        }
        // Over the Unix socket the list is nobody's business.
        #expect(try await fleet.tenant(at: 1).clientConnect().status == 200)
    }

    @Test("nginx turns away who asks too much without a token, in the API's words")
    func limits() async throws {
        let fleet = try await TwoHostInstallation(allow: "127.0.0.0/8")
        let tenant = fleet.tenant(at: 0)
        let replies = try await withThrowingTaskGroup(of: HTTPTestReply.self) { group in
            for _ in 0..<60 {
                group.addTask { try await fleet.clients[0].send(.get("/customers/auth_ping")) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let refused = replies.filter { $0.status == 429 }
        #expect(!refused.isEmpty)
        #expect(replies.allSatisfy { [401, 429].contains($0.status) })
        try expectError(try #require(refused.first), 429, code: "too_many_requests")
        #expect(refused.allSatisfy { $0.header("Retry-After") != nil })
        // A token has another measure.
        let token = try await fleet.tenant(at: 1).accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        #expect(try await tenant.client.send(ping).status == 200)
    }
}
