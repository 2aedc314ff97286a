import Foundation
import TestSupport
import Testing

/// `client_connect` resumes a room for those who can show that it is theirs, and for nobody else.
@Suite("Resume", .ownProcesses, .installation())
struct ResumeTests {
    private let bed: TestBed
    private let chat: DevChatProcess
    init() throws {
        bed = try .current
        chat = try bed.installation.chat
    }

    @Test("a guest comes back with the chat token, with and without group_id")
    func guest() async throws {
        let tenant = try await bed.tenant()
        let first = try await tenant.started()
        #expect(first["resumed"] == false)
        for fields in [[], [("group_id", first["rid"].string ?? "")]] {
            let again = try await tenant.started(fields, token: first["token"].string)
            #expect(again["resumed"] == true)
            for key in ["id", "user_id", "rid", "token", "agent_id", "group_name", "customer_name", "state"] {
                #expect(again[key] == first[key], "\(key)")
            }
        }
    }

    @Test("a customer has one room a department; group_id chooses among them")
    func departments() async throws {
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init("one", isDefault: true), .init("two")]))
        let one = try await tenant.started()
        let token = one["token"].string
        let two = try await tenant.started([("department_id", tenant.department(1))], token: token)
        #expect(two["rid"] != one["rid"])
        #expect(two["id"] == one["id"])
        #expect(try await tenant.started([("group_id", two["rid"].string ?? "")], token: token)["rid"] == two["rid"])
        #expect(try await tenant.started(token: token)["rid"] == one["rid"])
    }

    @Test("a guessed group_id opens nothing: the caller gets a room of their own")
    func guessed() async throws {
        let tenant = try await bed.tenant()
        let victim = try await tenant.started()
        let rid = victim["rid"].string ?? ""
        let stranger = try await tenant.started()
        for token in [nil, "a-token-of-nobody", stranger["token"].string] {
            let answer = try await tenant.started([("group_id", rid)], token: token)
            #expect(answer["rid"] != victim["rid"])
            #expect(answer["id"] != victim["id"])
            #expect(answer["token"] != victim["token"])
        }
        #expect(try await chat.members(of: rid).count == 3)
    }

    @Test("a room of another tenant is not resumed, whatever token comes with it")
    func foreign() async throws {
        let (tenant, other) = (try await bed.tenant(), try await bed.tenant())
        let theirs = try await other.started()
        let answer = try await tenant.started(
            [("group_id", theirs["rid"].string ?? "")], token: theirs["token"].string)
        #expect(answer["rid"] != theirs["rid"])
        #expect(answer["id"] != theirs["id"])
        #expect(answer["token"] != theirs["token"])
    }

    @Test("a room that was closed is not resumed: a stale page gets a new one")
    func closed() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let first = try await tenant.started([("name", name)])
        let rid = first["rid"].string ?? ""
        #expect(try await tenant.shutdown(rid, token: first["token"].string ?? "").status == 200)
        for fields in [[("group_id", rid), ("name", name)], [("name", name)]] {
            let answer = try await tenant.started(fields, token: first["token"].string)
            #expect(answer["rid"] != first["rid"])
            #expect(answer["id"] == first["id"])
            #expect(answer["user_id"] == first["user_id"])
            #expect(try await chat.room(answer["rid"].string ?? "") != nil)
        }
    }

    @Test("a warm resume makes no call of the chat server")
    func warm() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let first = try await tenant.started([("name", name)])
        let mark = try await chat.mark()
        for _ in 0..<3 { #expect(try await tenant.started([("name", name)])["rid"] == first["rid"]) }
        _ = try await tenant.started(token: first["token"].string)
        // Other tests of this suite talk to the same server: their customers' names do not come up here.
        let calls = try await chat.events(after: mark).filter {
            $0["kind"] == "request" && "\($0)".contains(first["rid"].string ?? "?")
                || "\($0)".contains(first["id"].string ?? "?")
        }
        #expect(calls.isEmpty)
    }

    @Test("the handed-out token is a live one, though the customer's client logged the old one out")
    func survivesLogout() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let first = try await tenant.started([("name", name)])
        let user = (id: first["id"].string ?? "", token: first["token"].string ?? "")
        _ = try await DevChatSocket.connect(to: chat, token: user.token)
        let history = try await tenant.history(first["rid"].string ?? "", token: user.token)
        #expect(history.status == 200)
    }
}

/// How many round trips a cold start costs; alone, so that the journal holds this customer's calls only.
@Suite("Round trips", .serialized, .ownProcesses, .installation())
struct RoundTripTests {
    @Test(
        "a cold client_connect takes at most three sequential calls of the chat server", arguments: ["guest", "named"])
    func cold(kind: String) async throws {
        let bed = try TestBed.current
        let chat = try bed.installation.chat
        let tenant = try await bed.tenant()
        // The gateway's own sign-in comes once in its life.
        _ = try await tenant.started()
        // Nor does what the fleet knows of the agents count as cold for long: forget it.
        try await bed.installation.redis.command("DEL", "cg:{\(tenant.id)}:presence")
        let latency = 300
        try await chat.arm(["route": "*", "kind": "latency", "ms": .number(Double(latency))])
        let mark = try await chat.mark()
        _ = try await tenant.started(kind == "named" ? [("name", someName())] : [])
        try await chat.disarm()
        let calls = try await chat.events(after: mark).filter { $0["kind"] == "request" }
        let ends = calls.compactMap { milliseconds($0["at"]) }.sorted()
        try #require(ends.count == calls.count && !ends.isEmpty, "\(calls)")
        // The longest chain of calls of which each began after the one before had ended.
        var chain = 0
        var lastEnd = 0
        for end in ends where end - latency >= lastEnd - latency / 10 {
            chain += 1
            lastEnd = end
        }
        #expect(chain <= 3, "\(calls.map { "\($0["at"]) \($0["path"])" })")
    }

    private func milliseconds(_ time: HTTPTestJSON) -> Int? {
        if let number = time.int { return number }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return time.string.flatMap { try? style.parse($0) }.map { Int($0.timeIntervalSince1970 * 1_000) }
    }
}
