import Crypto
import Foundation
import TestSupport
import Testing

/// Who a caller of `client_connect` is taken for: guests, bare names, signed names, names that `connect` vouched for.
@Suite("Identity", .ownProcesses, .installation())
struct IdentityTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private static let secret = "the-identity-secret-of-this-tenant"

    private func signed(_ name: String, ts: Int = TokenForge.now, secret: String = IdentityTests.secret) -> [(
        String, String
    )] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(name).\(ts)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        let hash = code.map { String($0, radix: 16) }.map { $0.count == 1 ? "0" + $0 : $0 }.joined()
        return [("name", name), ("ts", String(ts)), ("user_hash", hash)]
    }

    private func signedTenant() async throws -> TestTenant {
        try await bed.tenant(
            GatewayTenantPlan {
                $0.identity = "signed"
                $0.identitySecret = Self.secret
            })
    }

    private func claimedTenant() async throws -> TestTenant {
        try await bed.tenant(GatewayTenantPlan { $0.identitySecret = Self.secret })
    }

    @Test("a signed tenant believes a name with its hash, in any script")
    func goodHash() async throws {
        let tenant = try await signedTenant()
        for name in [someName(), "苏州小方"] {
            let answer = try await tenant.started(signed(name))
            #expect(answer["customer_name"].string == name)
            let again = try await tenant.started(signed(name, ts: TokenForge.now - 100))
            #expect(again["id"] == answer["id"])
            #expect(again["rid"] == answer["rid"])
        }
    }

    @Test("a signed tenant answers a bare name, a wrong, a foreign and a stale hash with 401")
    func badHash() async throws {
        let tenant = try await signedTenant()
        let name = someName()
        let good = signed(name)
        let bad: [[(String, String)]] = [
            [("name", name)], [("name", name), ("ts", good[1].1)], [good[0], good[2]],
            [("name", name + "x"), good[1], good[2]], [good[0], ("ts", String(TokenForge.now - 1)), good[2]],
            signed(name, secret: "another-secret"), signed(name, ts: TokenForge.now - 330),
            signed(name, ts: TokenForge.now + 330), [good[0], good[1], ("user_hash", "zz")],
            [good[0], good[1], ("user_hash", String(good[2].1.dropLast(2)))],
            [good[0], ("ts", "now"), good[2]],
        ]
        for fields in bad { try expectError(try await tenant.clientConnect(fields), 401, "unauthorized") }
        #expect(try await tenant.clientConnect(good).status == 200)
    }

    @Test("a signed tenant has guests all the same")
    func guests() async throws {
        let answer = try await signedTenant().started()
        #expect(answer["customer_name"].string?.hasPrefix("u") == true)
    }

    @Test("a claimed tenant that can check hashes does: a wrong one is a 401")
    func claimedWithHash() async throws {
        let tenant = try await claimedTenant()
        let name = someName()
        #expect(try await tenant.clientConnect(signed(name)).status == 200)
        try expectError(
            try await tenant.clientConnect(signed(name, secret: "another-secret")), 401, "unauthorized")
    }

    @Test("a customer who was ever signed for is never opened by a bare name")
    func signedThenBare() async throws {
        let tenant = try await claimedTenant()
        let name = someName()
        let vouched = try await tenant.started(signed(name))
        let bare = try await tenant.started([("name", name)])
        #expect(bare["id"] != vouched["id"])
        #expect(bare["user_id"] != vouched["user_id"])
        #expect(bare["rid"] != vouched["rid"])
        #expect(bare["token"] != vouched["token"])
        let withRoom = try await tenant.started([("name", name), ("group_id", vouched["rid"].string ?? "")])
        #expect(withRoom["rid"] != vouched["rid"])
    }

    @Test("a customer whom connect made is never opened by a bare name, also after Redis was lost")
    func connectedThenBare() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let vouched = try await tenant.connected(name)
        for isLost in [false, true] {
            if isLost { try await flushTenant(tenant) }
            let bare = try await tenant.started([("name", name)])
            #expect(bare["id"] != vouched["im"]["_id"])
            #expect(bare["user_id"] != vouched["user_id"])
            #expect(bare["token"] != vouched["token"])
        }
        #expect(try await tenant.connected(name)["im"]["_id"] == vouched["im"]["_id"])
    }

    @Test("a bare name first, and connect later, are separate accounts too")
    func bareThenConnected() async throws {
        let tenant = try await bed.tenant()
        let name = someName()
        let bare = try await tenant.started([("name", name)])
        let vouched = try await tenant.connected(name)
        #expect(vouched["im"]["_id"] != bare["id"])
        #expect(vouched["im"]["username"].string == name + tenant.id)
        try await flushTenant(tenant)
        #expect(try await tenant.connected(name)["im"]["_id"] == vouched["im"]["_id"])
        #expect(try await tenant.started([("name", name)])["id"] == bare["id"])
    }

    @Test("a guest's name given as a bare name does not open the guest's room")
    func guestNameIsNoKey() async throws {
        let tenant = try await bed.tenant()
        let guest = try await tenant.started()
        let thief = try await tenant.started([("name", guest["customer_name"].string ?? "")])
        #expect(thief["id"] != guest["id"])
        #expect(thief["rid"] != guest["rid"])
    }

    @Test("the start log warns of tenants whose bare names are believed")
    func warning() async throws {
        let tenant = try await bed.tenant()
        let log = try bed.installation.daemon.log
        #expect(log.contains { $0.contains(tenant.id) && $0.contains("claimed") })
    }

    /// Removes what Redis knows of one tenant, as if it had been lost; other tests' tenants stay.
    private func flushTenant(_ tenant: TestTenant) async throws {
        let redis = try bed.installation.redis
        let keys = try await redis.command("--scan", "--pattern", "cg:{\(tenant.id)}:*").split(separator: "\n")
        #expect(!keys.isEmpty)
        for key in keys { try await redis.command("DEL", String(key)) }
    }
}
