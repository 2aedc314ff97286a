import Foundation
import TestSupport
import Testing

/// `/managers/access_token`, and what is a good access token everywhere else.
@Suite("Access tokens", .ownProcesses, .installation())
struct AccessTokenTests {
    private let bed: TestBed
    init() throws { bed = try .current }

    private func ping(_ token: String?) async throws -> HTTPTestReply {
        try await bed.client.send(.get("/customers/auth_ping").with("Authorization", token))
    }

    private func issue(_ fields: [(String, String)]) async throws -> HTTPTestReply {
        try await bed.client.send(.form("/managers/access_token", fields))
    }

    // MARK: Issue

    @Test("a signed request gets a token with the documented claims, by GET and by POST in every encoding")
    func issued() async throws {
        let tenant = try await bed.tenant()
        let fields = [("apiKey", tenant.id), ("signature", tenant.signature(tenant.id))]
        let requests: [HTTPTestRequest] = [
            .get("/managers/access_token", fields), .form("/managers/access_token", fields),
            .multipart("/managers/access_token", fields),
            .json("/managers/access_token", #"{"apiKey":"\#(fields[0].1)","signature":"\#(fields[1].1)"}"#),
        ]
        for request in requests {
            let token = try success(try await bed.client.send(request))["access_token"].string ?? ""
            #expect(try await ping(token).text == #""pong""#)
            let parts = token.split(separator: ".")
            try #require(parts.count == 3)
            let claims = try HTTPTestJSON(parsing: Array(try decode(parts[1])))
            #expect(claims.keys == ["scp", "sub", "jti", "iat", "nbf", "exp"])
            #expect(claims["scp"] == "rocket")
            #expect(claims["sub"].string == tenant.id)
            #expect(claims["exp"].int == claims["iat"].int.map { $0 + 43_200 })
            #expect(try HTTPTestJSON(parsing: Array(try decode(parts[0])))["alg"] == "HS256")
        }
    }

    @Test("the signature covers the apiKey as it was sent", arguments: [true, false])
    func spelling(dashed: Bool) async throws {
        let tenant = try await bed.tenant()
        let apiKey = dashed ? tenant.id.uppercased() : tenant.id.replacingOccurrences(of: "-", with: "")
        #expect(try await issue([("apiKey", apiKey), ("signature", tenant.signature(apiKey))]).status == 200)
        try expectError(try await issue([("apiKey", apiKey), ("signature", tenant.signature(tenant.id))]), 401)
    }

    @Test("an apiKey that nobody has is a 400 with the text \"apiKey wrong\"")
    func unknownKey() async throws {
        let tenant = try await bed.tenant()
        let stranger = UUID().uuidString.lowercased()
        let reply = try await issue([("apiKey", stranger), ("signature", tenant.signature(stranger))])
        try expectError(reply, 400, "apiKey wrong")
    }

    @Test("a wrong signature is a 401", arguments: ["", "AAAA", "not base64 !", "AA=="])
    func wrongSignature(signature: String) async throws {
        let tenant = try await bed.tenant()
        let reply = try await issue([("apiKey", tenant.id), ("signature", signature)])
        if signature.isEmpty {
            try expectInvalid(reply, ["signature"])
        } else {
            try expectError(reply, 401, "unauthorized")
        }
    }

    @Test("a request without apiKey and signature names both")
    func missing() async throws {
        try expectInvalid(try await bed.client.send(.get("/managers/access_token")), ["apiKey", "signature"])
    }

    @Test("a timestamp within 300 s is covered by the signature, an older or later one is refused")
    func timestamps() async throws {
        let tenant = try await bed.tenant()
        for (offset, status) in [(0, 200), (-280, 200), (280, 200), (-320, 401), (320, 401)] {
            let time = String(TokenForge.now + offset)
            let signed = [
                ("apiKey", tenant.id), ("timestamp", time), ("signature", tenant.signature("\(tenant.id)\n\(time)")),
            ]
            #expect(try await issue(signed).status == status, "\(offset) s")
        }
        let bare = [
            ("apiKey", tenant.id), ("timestamp", String(TokenForge.now)), ("signature", tenant.signature(tenant.id)),
        ]
        try expectError(try await issue(bare), 401, "unauthorized")
    }

    @Test("a tenant can require the timestamp, so that nothing can be replayed")
    func requiredTimestamp() async throws {
        let tenant = try await bed.tenant(GatewayTenantPlan { $0.requiresTimestamp = true })
        let bare = try await issue([("apiKey", tenant.id), ("signature", tenant.signature(tenant.id))])
        try expectError(bare, 401, "unauthorized")
        #expect(try await ping(try await tenant.accessToken()).status == 200)
    }

    // MARK: Verify

    /// What is wrong with a token that is otherwise good.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout TokenForge) -> Void
        init(_ name: String, _ change: @escaping @Sendable (inout TokenForge) -> Void) {
            testDescription = name
            self.change = change
        }
    }

    private static let faults = [
        Fault("a foreign key") { $0.key = "another-key-of-another-installation-0123456789" },
        Fault("the key with its final newline") { $0.key = GatewayInstallation.tokenKey + "\n" },
        Fault("expired beyond the leeway") { $0.claims["exp"] = .number(Double(TokenForge.now - 70)) },
        Fault("not yet valid") { $0.claims["nbf"] = .number(Double(TokenForge.now + 75)) },
        Fault("a wrong scope") { $0.claims["scp"] = "admin" },
        Fault("no scope") { $0.claims["scp"] = nil },
        Fault("a scope that is no text") { $0.claims["scp"] = ["rocket"] },
        Fault("no exp") { $0.claims["exp"] = nil },
        Fault("an exp that is text") { $0.claims["exp"] = "9999999999" },
        Fault("an exp that is null") { $0.claims["exp"] = .null },
        Fault("no sub") { $0.claims["sub"] = nil },
        Fault("a sub that is no UUID") { $0.claims["sub"] = "acme" },
        Fault("an unknown tenant") { $0.claims["sub"] = "11111111-2222-4333-8444-555555555555" },
        Fault("alg HS512 over the same bytes") { $0.header = ["alg": "HS512", "typ": "JWT"] },
        Fault("alg RS256 with the HMAC key") { $0.header = ["alg": "RS256", "typ": "JWT"] },
        Fault("no alg") { $0.header = ["typ": "JWT"] },
        Fault("a critical extension") { $0.header = ["alg": "HS256", "crit": ["exp"]] },
    ]

    @Test("a token with something wrong is a 401", arguments: faults)
    func refused(fault: Fault) async throws {
        let tenant = try await bed.tenant()
        #expect(try await ping(TokenForge(tenant: tenant.id).token).status == 200, "the forge is broken")
        try expectError(try await ping(TokenForge(tenant: tenant.id, fault.change).token), 401, "unauthorized")
    }

    @Test("alg none, no signature, a cut signature, a changed claim: 401")
    func tampered() async throws {
        let tenant = try await bed.tenant()
        let good = TokenForge(tenant: tenant.id)
        var none = good
        none.header = ["alg": "none", "typ": "JWT"]
        let parts = good.token.split(separator: ".").map(String.init)
        var other = good
        other.claims["sub"] = "11111111-2222-4333-8444-555555555555"
        let changed = other.token.split(separator: ".").map(String.init)
        let bad = [
            none.token, none.unsigned, good.unsigned, "\(parts[0]).\(parts[1]).\(parts[2].dropLast(4))",
            "\(parts[0]).\(changed[1]).\(parts[2])", "..", "a.b.c", "\(parts[0]).\(parts[1])", good.token + ".x",
            good.token + "=", parts[0] + ".." + parts[2],
        ]
        for token in bad { try expectError(try await ping(token), 401, "unauthorized") }
    }

    @Test("clocks may differ by 60 s")
    func leeway() async throws {
        let tenant = try await bed.tenant()
        let old = TokenForge(tenant: tenant.id) { $0.claims["exp"] = .number(Double(TokenForge.now - 40)) }
        #expect(try await ping(old.token).status == 200)
        let early = TokenForge(tenant: tenant.id) { $0.claims["nbf"] = .number(Double(TokenForge.now + 40)) }
        #expect(try await ping(early.token).status == 200)
    }

    @Test("every 401 has the same body, whatever the cause")
    func noOracle() async throws {
        let tenant = try await bed.tenant()
        let expected = try withoutRequestID(try await ping(nil))
        #expect(expected == ["code": "unauthorized", "status": "unauthorized"])
        for fault in Self.faults {
            let reply = try await ping(TokenForge(tenant: tenant.id, fault.change).token)
            #expect(try withoutRequestID(reply) == expected, "\(fault.testDescription)")
        }
        #expect(try withoutRequestID(try await ping("a-chat-token-of-nobody")) == expected)
    }

    @Test("no token, an empty one, a chat token: 401 where an access token is wanted")
    func missingToken() async throws {
        let tenant = try await bed.tenant()
        let chatToken = try await tenant.started()["token"].string
        for token in [nil, "", "Bearer ", chatToken] {
            try expectError(try await ping(token), 401, "unauthorized")
            let connect = HTTPTestRequest.form("/customers/connect", [("name", "ann")]).with("Authorization", token)
            try expectError(try await bed.client.send(connect), 401, "unauthorized")
        }
    }

    // MARK: Revoke

    @Test("a key cg:revoked:<jti> counts by existing within 11 s, whatever wrote it")
    func revoked() async throws {
        let tenant = try await bed.tenant()
        let revoked = TokenForge(tenant: tenant.id)
        let other = TokenForge(tenant: tenant.id)
        #expect(try await ping(revoked.token).status == 200)
        try await bed.installation.redis.command("SET", "cg:revoked:\(revoked.jti)", "", "EX", "600")
        // A loop that had not seen the token refuses it at once, one that had goes on for 10 s: what counts is the last
        // one, and which loop answers is nginx' choice.
        try await Task.sleep(for: .seconds(11))
        for _ in 0..<8 { try expectError(try await ping(revoked.token), 401, "unauthorized") }
        #expect(try await ping(other.token).status == 200)
    }

    @Test("a revocation that is published counts at once")
    func revokedAndPublished() async throws {
        let tenant = try await bed.tenant()
        for _ in 0..<3 {
            let token = TokenForge(tenant: tenant.id)
            #expect(try await ping(token.token).status == 200)
            let redis = try bed.installation.redis
            try await redis.command("SET", "cg:revoked:\(token.jti)", "1", "EX", "600")
            try await redis.command("PUBLISH", "cg:revoked", token.jti)
            try await eventually("the revocation counts", within: .seconds(3)) {
                try await ping(token.token).status == 401
            }
        }
    }

    private func decode(_ part: Substring) throws -> Data {
        var text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try #require(Data(base64Encoded: text))
    }
}
