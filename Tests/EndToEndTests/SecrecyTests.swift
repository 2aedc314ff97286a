import Crypto
import Foundation
import TestSupport
import Testing

/// What must not be found where others look: tokens, keys and passwords in logs and in Redis.
@Suite("Secrecy", .serialized, .ownProcesses, .installation())
struct SecrecyTests {
    private let bed: TestBed
    private let installation: GatewayInstallation
    init() throws {
        bed = try .current
        installation = try bed.installation
    }

    /// Makes a bit of every call, good ones and refused ones, and returns every secret that had to do with it.
    private func makeHistory() async throws -> [String] {
        let secret = "the-identity-secret-of-this-tenant"
        let tenant = try await bed.tenant(
            GatewayTenantPlan(departments: [.init(isDefault: true, agents: [.init(), .init()])]) {
                $0.identitySecret = secret
            })
        let accessToken = try await tenant.accessToken()
        let first = try await tenant.started()
        let second = try await tenant.started([("name", "小明")], token: first["token"].string)
        let direct = try await tenant.connected(someName())
        let tokens = [first, second, direct].compactMap { $0["token"].string }
        for (session, token) in zip([first, second, direct], tokens) {
            let rid = session["rid"].string ?? ""
            _ = try await tenant.history(rid, token: token)
            _ = try await tenant.transfer(rid, token: token)
        }
        _ = try await tenant.shutdown(first["rid"].string ?? "", token: tokens[0])
        let forged = TokenForge(tenant: tenant.id) { $0.claims["scp"] = "admin" }.token
        _ = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", forged))
        _ = try await bed.client.send(.get("/customers/auth_ping").with("Authorization", "Bearer \(tokens[1])"))
        let hash = [("name", "ann"), ("ts", String(TokenForge.now)), ("user_hash", String(repeating: "ab", count: 32))]
        _ = try await tenant.clientConnect(hash)
        return tokens + [
            accessToken, forged, accessToken.split(separator: ".").last.map(String.init) ?? "", tenant.secretKey,
            secret,
            tenant.signature(tenant.id), GatewayInstallation.tokenKey, installation.sealKey,
            DevChatProcess.gatewayPassword, "HelloWorld1@#", hash[2].1,
        ]
    }

    @Test("no token, key, password or signature is in the log, whatever its level, nor in nginx's")
    func logs() async throws {
        let secrets = try await makeHistory()
        // Trouble is logged too, with what the chat server and Redis said.
        let tenant = try await bed.tenant()
        for kind in ["status", "malformed", "html", "ratelimit", "reset"] {
            try await installation.chat.arm(["route": "*", "kind": .string(kind), "count": 2])
            _ = try await tenant.clientConnect([("name", someName())])
        }
        try await installation.chat.disarm()
        let log = (try installation.daemon.log + installation.nginx.accessLog + installation.nginx.errorLog)
            .joined(separator: "\n")
        #expect(log.contains("client_connect"), "the log is empty")
        for secret in secrets { #expect(!log.contains(secret), "found \(secret.prefix(6))…") }
    }

    @Test("no token, key or password is in Redis in clear, and every key has a time to live")
    func redis() async throws {
        let secrets = try await makeHistory()
        let redis = installation.redis
        let keys = try await redis.command("--scan").split(separator: "\n").map(String.init)
        #expect(keys.count > 8)
        var dump = keys.joined(separator: "\n")
        for key in keys {
            // -2: it has run out meanwhile.
            let left = try #require(Int(try await redis.command("PTTL", key)))
            #expect(left >= 0 || left == -2, "\(key) has no time to live")
            #expect(key.hasPrefix("cg:"), "\(key)")
            switch try await redis.command("TYPE", key) {
            case "hash": dump += try await redis.command("HGETALL", key)
            case "zset": dump += try await redis.command("ZRANGE", key, "0", "-1", "WITHSCORES")
            default: dump += try await redis.command("GET", key)
            }
        }
        for secret in secrets { #expect(!dump.contains(secret), "found \(secret.prefix(6))…") }
        // What is there instead: the tokens' SHA-256.
        let digest = SHA256.hash(data: Data(secrets[1].utf8)).map { String(format: "%02x", $0) }.joined()
        #expect(keys.contains("cg:chat:\(digest)"))
    }

    @Test("every key of a tenant carries the tenant's hash tag, so that it lives in one slot of a cluster")
    func hashTags() async throws {
        let before = Set(try await installation.redis.command("--scan").split(separator: "\n").map(String.init))
        _ = try await makeHistory()
        let after = Set(try await installation.redis.command("--scan").split(separator: "\n").map(String.init))
        let known = ["cg:chat:", "cg:revoked:", "cg:rate:"]
        for key in after.subtracting(before) where !known.contains(where: key.hasPrefix) {
            let own = key.wholeMatch(of: /cg:\{[0-9a-f-]{36}\}:(.+)/)?.1
            #expect(
                own?.wholeMatch(of: /(customer|room|agent|checked|queue|pace|log|lock|closed|call|lease):.+/) != nil
                    || own?.wholeMatch(of: /load|presence|seen|paused|away|reconciled|open|waiting|closing/) != nil,
                "\(key)")
        }
    }

    @Test("a copy of what Redis holds opens nothing: the stored digest is no token")
    func digestIsNoToken() async throws {
        let tenant = try await bed.tenant()
        let session = try await tenant.started()
        let token = session["token"].string ?? ""
        let digest = SHA256.hash(data: Data(token.utf8)).map { String(format: "%02x", $0) }.joined()
        try expectError(try await tenant.history(session["rid"].string ?? "", token: digest), 401)
    }
}
