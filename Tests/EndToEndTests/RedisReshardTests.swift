import Foundation
import TestSupport
import Testing

/// A tenant's slot moves from node to node of a cluster, key by key, while its customers come, read, are transferred
/// and go.
@Suite("Redis Cluster resharded under traffic", .ownProcesses, .timeLimit(.minutes(5)))
struct RedisReshardTests {
    /// What a customer's client saw.
    private struct Seen: Sendable {
        var answers: [Int: Int] = [:]
        var wrong: [String] = []
        /// The room of each customer who has not left.
        var rooms: [String: String] = [:]
    }

    @Test("no wrong answer, and every customer, room and slot is there afterwards")
    func underTraffic() async throws {
        let cluster = try await RedisClusterServers()
        let plan = GatewayTenantPlan(departments: [
            .init(isDefault: true, agents: [.init(), .init(), .init(capacity: 2)])
        ])
        let installation = try await GatewayInstallation(
            GatewayInstallation.Plan {
                $0.redisURL = cluster.url
                $0.tenants = [plan]
            })
        let tenant = TestTenant(id: plan.id, secretKey: plan.secretKey, client: installation.client, plan: plan)
        let accessToken = try await tenant.accessToken()
        try await eventually("Redis is found") {
            try await tenant.client.send(.get("/customers/auth_ping").with("Authorization", accessToken)).status == 200
        }
        let isOver = WaitableState(false)
        let successes = WaitableState(0)
        let customers = (0..<8).map { _ in
            Task { try await Self.traffic(tenant, accessToken, successes) { isOver.now } }
        }
        let key = "{\(tenant.id)}"
        let slot = try await cluster.servers[0].command("CLUSTER", "KEYSLOT", key)
        var home = min(2, (Int(slot) ?? 0) / 5_461)
        do {
            defer { isOver.change { $0 = true } }
            for _ in 0..<3 {
                let before = successes.now
                _ = try await successes.wait(for: "undisturbed traffic") { $0 >= before + 100 ? true : nil }
                try await Self.move(slot, of: cluster, from: home, to: (home + 1) % 3)
                home = (home + 1) % 3
            }
        }
        var seen = Seen()
        for customer in customers {
            let one = try await customer.value
            seen.answers.merge(one.answers, uniquingKeysWith: +)
            seen.wrong += one.wrong
            seen.rooms.merge(one.rooms) { $1 }
        }
        print("resharded under traffic: \(seen.answers)")
        #expect(seen.wrong == [])

        for (name, rid) in seen.rooms {
            #expect(try await tenant.started([("name", name)])["rid"].string == rid, "\(name)")
        }
        let rids = Set(seen.rooms.values)
        #expect(rids.count == seen.rooms.count)
        #expect(
            try await Set(installation.chat.rooms().filter { $0["t"] == "p" }.compactMap { $0["_id"].string }) == rids)
        try await expectCounted(rids, by: cluster.servers[home], tenant: tenant)
    }

    /// Every room is its agent's, and no agent is counted for anything else.
    private func expectCounted(_ rids: Set<String>, by server: RedisServer, tenant: TestTenant) async throws {
        let prefix = "cg:{\(tenant.id)}:"
        var counted: [String] = []
        for agent in try await server.command("HKEYS", prefix + "load").split(separator: "\n") {
            let members = try await server.command("ZRANGE", prefix + "agent:\(agent)", "0", "-1")
                .split(separator: "\n").map(String.init)
            #expect(try await server.command("HGET", prefix + "load", String(agent)) == "\(members.count)")
            // A slot that was kept for a start that came to nothing runs out.
            counted += members.filter { !$0.hasPrefix("take:") }
        }
        #expect(Set(counted) == rids)
        #expect(counted.count == rids.count)
    }

    /// A slot goes from one node to another as `redis-cli --cluster reshard` does it, but more slowly.
    private static func move(_ slot: String, of cluster: RedisClusterServers, from: Int, to: Int) async throws {
        let (source, target) = (cluster.servers[from], cluster.servers[to])
        let (sourceID, targetID) = (try await cluster.id(of: from), try await cluster.id(of: to))
        try await target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceID)
        try await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", targetID)
        while case let keys = try await source.command("CLUSTER", "GETKEYSINSLOT", slot, "10"), !keys.isEmpty {
            for key in keys.split(separator: "\n") {
                let reply = try await source.command(
                    "MIGRATE", "127.0.0.1", "\(target.port ?? 0)", String(key), "0", "5000")
                // BUSYKEY: somebody has made it anew while it was here.
                #expect(reply == "OK" || reply == "NOKEY", "\(key): \(reply)")
                if reply.contains("BUSYKEY") { try await source.command("DEL", String(key)) }
            }
        }
        for server in [target, source] { try await server.command("CLUSTER", "SETSLOT", slot, "NODE", targetID) }
    }

    /// Comes, reads, is transferred and comes again; every other one leaves. A 503 is a reason to ask again, and
    /// nothing else.
    private static func traffic(
        _ tenant: TestTenant, _ accessToken: String, _ successes: WaitableState<Int>, until isOver: @Sendable () -> Bool
    ) async throws -> Seen {
        var seen = Seen()
        func ask(_ what: String, allowed: Set<Int> = [200], _ call: () async throws -> HTTPTestReply) async throws
            -> HTTPTestReply
        {
            while true {
                let reply = try await call()
                seen.answers[reply.status, default: 0] += 1
                guard reply.status == 503 else {
                    successes.change { $0 += 1 }
                    if !allowed.contains(reply.status) { seen.wrong.append("\(what): \(reply)") }
                    return reply
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        while !isOver() {
            let name = someName()
            let first = try await ask("start") { try await tenant.clientConnect([("name", name)]) }
            let (rid, token) = (try first.json["rid"].string ?? "", try first.json["token"].string ?? "")
            seen.rooms[name] = rid
            for round in 0..<4 where !isOver() {
                let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", accessToken)
                _ = try await ask("ping") { try await tenant.client.send(ping) }
                let page = try await ask("history") { try await tenant.history(rid, token: token) }
                if try page.json["room_id"].string != rid { seen.wrong.append("history of another room: \(page)") }
                if round == 1 {
                    _ = try await ask("transfer", allowed: [200, 409]) { try await tenant.transfer(rid, token: token) }
                }
                let again = try await ask("resume") { try await tenant.clientConnect([("name", name)]) }
                let same = try again.json["rid"].string == rid && again.json["id"] == first.json["id"]
                if try !same || again.json["user_id"] != first.json["user_id"] {
                    seen.wrong.append("another customer or room than \(first): \(again)")
                }
            }
            if seen.rooms.count.isMultiple(of: 2) {
                _ = try await ask("close") { try await tenant.shutdown(rid, token: token) }
                seen.rooms[name] = nil
            }
        }
        return seen
    }
}
