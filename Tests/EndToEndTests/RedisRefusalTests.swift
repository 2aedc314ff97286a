import TestSupport
import Testing

/// A Redis that is there and refuses: full, or a replica.
@Suite("Redis refuses", .serialized, .ownProcesses, .installation())
struct RedisRefusalTests {
    private let bed: TestBed
    private let redis: RedisServer
    private let control: ControlCommand
    init() throws {
        bed = try .current
        redis = try bed.installation.redis
        control = ControlCommand(installation: try bed.installation)
    }

    /// What makes it refuse, and what mends it.
    enum Trouble: String, CaseIterable, Sendable {
        case full, replica, staleReplica

        func begin(_ redis: RedisServer) async throws {
            switch self {
            case .full: try await redis.command("CONFIG", "SET", "maxmemory", "1")
            case .replica: try await redis.command("REPLICAOF", "127.0.0.1", "1")
            case .staleReplica:
                try await redis.command("CONFIG", "SET", "replica-serve-stale-data", "no")
                try await redis.command("REPLICAOF", "127.0.0.1", "1")
            }
        }

        func end(_ redis: RedisServer) async throws {
            switch self {
            case .full: try await redis.command("CONFIG", "SET", "maxmemory", "0")
            case .replica, .staleReplica: try await redis.command("REPLICAOF", "NO", "ONE")
            }
        }
    }

    @Test(
        "writes get 503, nothing is a 200 that was not kept or a 401; then all is well again",
        arguments: Trouble.allCases)
    func refused(trouble: Trouble) async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let session = try await tenant.started([("name", name)])
        let token = try await tenant.accessToken()
        let ping = HTTPTestRequest.get("/customers/auth_ping").with("Authorization", token)
        try await trouble.begin(redis)
        try await eventually("it refuses") { try await tenant.clientConnect().status != 200 }
        for _ in 0..<5 {
            try expectError(try await tenant.clientConnect(), 503, code: "store_unavailable")
            try expectError(try await tenant.connect(someName(), token: token), 503, code: "store_unavailable")
            #expect([200, 503].contains(try await bed.client.send(ping).status))
        }
        let status = try await control("status")
        #expect(status.status == 1, "\(status.text)")
        let metrics = try await control("metrics").text.split(separator: "\n")
        #expect(metrics.contains("customersd_redis_writable 0"))
        if trouble == .full {
            #expect(status.text.contains("IN TROUBLE: it refuses to keep anything"), "\(status.text)")
            #expect(try await control("status", "--json").json["redisRefusal"].string?.hasPrefix("OOM") == true)
        }
        try await trouble.end(redis)
        try await eventually("it serves again", within: .seconds(6)) {
            try await tenant.clientConnect([("name", name)]).status == 200
        }
        #expect(try await tenant.started([("name", name)])["rid"] == session["rid"])
        #expect(try await bed.client.send(ping).status == 200)
        try await eventually("status says that all is well") { try await control("status").status == 0 }
        #expect(try await control("metrics").text.contains("customersd_redis_writable 1"))
    }
}
