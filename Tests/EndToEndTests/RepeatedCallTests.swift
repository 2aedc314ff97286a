import Foundation
import TestSupport
import Testing

/// Clients that call again after a lost answer, with an Idempotency-Key and without: never a second account or room.
@Suite("Repeated calls", .ownProcesses, .installation { $0.daemons = 2 })
struct RepeatedCallTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private func call(
        _ tenant: TestTenant, _ key: String?, _ fields: [(String, String)] = [], from address: String = "198.18.7.1"
    ) async throws -> HTTPTestReply {
        try await bed.client.send(
            .form("/customers/client_connect", [("api_key", tenant.id)] + fields).with("Idempotency-Key", key)
                .with("X-Forwarded-For", address))
    }

    @Test("a guest with a key has one account and one room, whichever gateway answers and however the body is written")
    func guest() async throws {
        let tenant = try await bed.tenant()
        let key = "\"\(someName("key-"))\""
        let first = try success(try await call(tenant, key))
        for _ in 0..<4 {
            let reply = try await call(tenant, key)
            #expect(try success(reply) == first)
            #expect(reply.header("idempotency-replayed") == "true")
        }
        let multipart = try await bed.client.send(
            .multipart("/customers/client_connect", [("api_key", tenant.id)], boundary: "another")
                .with("Idempotency-Key", key).with("X-Forwarded-For", "198.18.7.1"))
        #expect(try success(multipart) == first)
        #expect(try success(try await call(tenant, key, from: "198.18.7.2"))["id"] != first["id"])
    }

    @Test("calls at the same time with one key: one runs, the others are told to come back")
    func atOnce() async throws {
        let tenant = try await bed.tenant()
        let key = someName("key-")
        let replies = try await withThrowingTaskGroup(of: HTTPTestReply.self) { group in
            for _ in 0..<12 { group.addTask { try await call(tenant, key) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for reply in replies where reply.status != 200 {
            try expectError(reply, 409, code: "idempotency_key_in_use")
            #expect(reply.header("retry-after") != nil)
        }
        #expect(replies.contains { $0.status == 200 })
        let rids = Set(try replies.filter { $0.status == 200 }.map { try $0.json["rid"].string ?? "" })
        #expect(rids.count == 1)
        #expect(try success(try await call(tenant, key))["rid"].string == rids.first)
    }

    @Test("another body is 422, a key that is none 400; both name what is wrong")
    func refused() async throws {
        let tenant = try await bed.tenant()
        let key = someName("key-")
        _ = try success(try await call(tenant, key, [("name", someName())]))
        try expectError(try await call(tenant, key, [("name", someName())]), 422, code: "idempotency_key_reused")
        for bad in ["two words", "\"\"", "\"open", String(repeating: "k", count: 256), "ключ"] {
            try expectInvalid(try await call(tenant, bad), ["Idempotency-Key"])
        }
        #expect(try await call(tenant, String(repeating: "k", count: 255)).status == 200)
    }

    @Test("Redis shows neither the key nor the answer")
    func sealed() async throws {
        let tenant = try await bed.tenant()
        let key = someName("key-")
        let answer = try success(try await call(tenant, key))
        let redis = try bed.installation.redis
        let entry = try await redis.command("KEYS", "cg:{\(tenant.id)}:call:*")
        let stored = try await redis.command("HGETALL", entry)
        #expect(stored.contains("answer"))
        for secret in [key, answer["token"].string ?? "-", answer["rid"].string ?? "-"] {
            #expect(!entry.contains(secret) && !stored.contains(secret))
        }
        #expect((86_000...86_400).contains(Int(try await redis.command("TTL", entry)) ?? 0))
    }

    @Test("without a key, calls that name a customer make one account and one room however often they come")
    func named() async throws {
        let tenant = try await bed.tenant()
        let (name, token) = (someName(), try await tenant.accessToken())
        let replies = try await withThrowingTaskGroup(of: HTTPTestReply.self) { group in
            for number in 0..<12 {
                group.addTask {
                    number.isMultiple(of: 2)
                        ? try await tenant.connect(name, token: token) : try await call(tenant, nil, [("name", name)])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let bodies = try replies.map { try success($0) }
        #expect(Set(bodies.compactMap { $0["rid"].string }).count == 2)
        #expect(Set(bodies.compactMap { $0["user_id"].string }).count == 2)
    }
}

/// As ``RepeatedCallTests``, with a daemon that dies.
@Suite("Repeated calls after a crash", .ownProcesses, .installation())
struct RepeatedCallAfterCrashTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    @Test("a daemon that is killed over a guest's call holds the key for seconds, and the retry finds what it made")
    func killed() async throws {
        let tenant = try await bed.tenant()
        let key = someName("key-")
        let installation = try bed.installation
        try await installation.chat.arm(["route": "groups.create", "kind": "latency", "ms": 3_000, "count": 1])
        let mark = try await installation.chat.mark()
        let call: @Sendable () async throws -> HTTPTestReply = { [bed] in
            try await bed.client.send(
                .form("/customers/client_connect", [("api_key", tenant.id)]).with("Idempotency-Key", key))
        }
        let cut = Task { try await call().status }
        // The journal has a call once it is answered; the room comes after the account, and takes its time.
        try await eventually("the room is being made") {
            try await installation.chat.calls(after: mark).contains("POST users.create")
        }
        let daemon = try installation.daemon
        daemon.process.signal(SIGKILL)
        try await daemon.process.waitForExit()
        try installation.startDaemon()
        #expect(try await cut.value != 200)
        try await installation.waitUntilServing()
        try await eventually("Redis is there") { try await call().status == 409 }
        // Half a minute passes.
        let entry = try await installation.redis.command("KEYS", "cg:{\(tenant.id)}:call:*")
        try await installation.redis.command("HSET", entry, "until", "1")
        let lock = try await installation.redis.command("KEYS", "cg:{\(tenant.id)}:lock:*")
        try await installation.redis.command("DEL", lock)
        let session = try success(try await call())
        let agent = tenant.plan.departments[0].agents[0].username
        let rooms = try await installation.chat.rooms().filter { $0["members"].array.contains(.string(agent)) }
        #expect(rooms.count <= 1, "\(rooms)")
        #expect(try await installation.chat.members(of: session["rid"].string ?? "").contains(agent))
        #expect(try success(try await call()) == session)
    }
}
