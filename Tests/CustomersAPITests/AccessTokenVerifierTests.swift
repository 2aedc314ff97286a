import Crypto
import Customers
@testable import CustomersAPI
import HTTPMessage
import JWTKit
import Testing
import TestSupport

@Suite("Access tokens")
struct AccessTokenVerifierTests {
    private func isAccepted(_ token: String, _ fixture: APIFixture) async throws -> Bool {
        do {
            return try await fixture.verifier.tenant(of: token).id.text == APIFixture.acme
        } catch CustomersError.unauthorized { return false }
    }

    private func isAccepted(_ token: String) async throws -> Bool { try await isAccepted(token, APIFixture()) }

    @Test("what we issue we accept, and it says what the contract says")
    func issued() async throws {
        let fixture = try await APIFixture()
        let token = try await fixture.token()
        #expect(try await isAccepted(token, fixture))
        let parts = token.split(separator: ".").map { [UInt8](base64URL: $0.utf8) }
        let header = try JSONValue(parsing: try #require(parts[0]))
        #expect(header["alg"]?.string == "HS256")
        #expect(header["kid"] == nil)
        let claims = try JSONValue(parsing: try #require(parts[1]))
        #expect(claims.object?.keys.sorted() == ["exp", "iat", "jti", "nbf", "scp", "sub"])
        #expect(claims["scp"] == "rocket")
        #expect(claims["sub"] == .string(APIFixture.acme))
        #expect(claims["exp"] == .int(APIFixture.seconds + 43_200))
        #expect(claims["iat"] == .int(APIFixture.seconds))
        #expect(claims["jti"]?.string?.utf8.count == 32)
        #expect(try await fixture.token() != token)
    }

    @Test("a token that others sign with our key by the book is accepted")
    func byTheBook() async throws {
        #expect(try await isAccepted(APIFixture.jwt(claims: APIFixture.claims())))
        #expect(try await isAccepted(APIFixture.jwt(claims: APIFixture.claims(["jti": nil, "nbf": nil, "iat": nil]))))
        #expect(
            try await isAccepted(
                APIFixture.jwt(
                    claims: APIFixture.claims([
                        "sub": "8009BF1C5FEA4221B19AFD4278FCB06F", "exp": .double(1_700_000_100.5),
                    ]))))
        #expect(
            try await isAccepted(
                APIFixture.jwt(
                    header: #"{"alg":"HS256","kid":"../../etc/passwd","jku":"http://x"}"#, claims: APIFixture.claims()))
        )
    }

    @Test(
        "no header but HS256's is believed",
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#,
            #"{"alg":"ES256"}"#,
            #"{"alg":""}"#, #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"typ":"JWT"}"#, "{}", "[]", "x", "",
            #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","crit":[]}"#,
            #"{"alg":"HS256","crit":null,"b64":false}"#,
        ])
    func header(_ header: String) async throws {
        #expect(try await !isAccepted(APIFixture.jwt(header: header, claims: APIFixture.claims())))
    }

    @Test("without a signature, with an empty or a foreign one, a token is nothing")
    func signature() async throws {
        let good = APIFixture.jwt(claims: APIFixture.claims())
        let parts = good.split(separator: ".").map(String.init)
        let none = APIFixture.base64URL(#"{"alg":"none"}"#.utf8) + "." + parts[1]
        for token in [
            parts[0] + "." + parts[1] + ".", none + ".", none + "." + parts[2], "..", "", "a.b.c", good + ".x",
            good + ".",
            "." + good, APIFixture.jwt(claims: APIFixture.claims(), key: Array("another key".utf8)),
            APIFixture.jwt(claims: APIFixture.claims(), key: []),
        ] { #expect(try await !isAccepted(token), "\(token)") }
    }

    @Test("no character of a token can be changed, and there is one spelling of each")
    func malleable() async throws {
        let fixture = try await APIFixture()
        let good = Array(APIFixture.jwt(claims: APIFixture.claims()).utf8)
        for index in good.indices {
            for byte in Array("AZaz09-_.=+/ ".utf8) where byte != good[index] {
                var bytes = good
                bytes[index] = byte
                #expect(try await !isAccepted(String(decoding: bytes, as: UTF8.self), fixture))
            }
        }
        let text = String(decoding: good, as: UTF8.self)
        for end in ["=", "==", " ", "\n", "A"] { #expect(try await !isAccepted(text + end, fixture)) }
    }

    @Test("the times have a minute's leeway, and no more")
    func leeway() async throws {
        let now = APIFixture.seconds
        for (exp, isGood) in [
            (now + 1, true), (now, true), (now - 59, true), (now - 60, false), (now - 61, false), (0, false),
            (-1, false),
        ] {
            #expect(
                try await isAccepted(APIFixture.jwt(claims: APIFixture.claims(["exp": .int(exp)]))) == isGood,
                "exp \(exp - now)")
        }
        for (nbf, isGood) in [(now, true), (now + 60, true), (now + 61, false), (Int64.max, false)] {
            #expect(
                try await isAccepted(APIFixture.jwt(claims: APIFixture.claims(["nbf": .int(nbf)]))) == isGood,
                "nbf \(nbf - now)")
        }
    }

    @Test("claims that are missing, of another type, or another's are refused")
    func claims() async throws {
        let wrong: [[String: JSONValue?]] = [
            ["exp": nil], ["exp": .null], ["nbf": .null], ["exp": "1800000000"], ["exp": .bool(true)], ["nbf": "0"],
            ["iat": "0"],
            ["sub": nil], ["sub": .null], ["sub": ""], ["sub": .int(1)],
            ["sub": "22222222-2222-4222-8222-222222222222"],
            ["scp": nil], ["scp": .null], ["scp": "admin"], ["scp": "ROCKET"], ["scp": "rocket admin"],
            ["scp": ["rocket"]], ["scp": ""],
        ]
        for changes in wrong {
            #expect(try await !isAccepted(APIFixture.jwt(claims: APIFixture.claims(changes))), "\(changes)")
        }
        for text in ["[]", "null", "{", "", #"{"exp":1e400}"#] {
            #expect(try await !isAccepted(APIFixture.jwt(claims: text)))
        }
    }

    @Test("a revoked token is refused, with and without an id of its own")
    func revoked() async throws {
        let fixture = try await APIFixture()
        let token = APIFixture.jwt(claims: APIFixture.claims())
        try await fixture.stores.revoke("id-1", seconds: 60)
        #expect(try await !isAccepted(token, fixture))
        let nameless = APIFixture.jwt(claims: APIFixture.claims(["jti": nil]))
        #expect(try await isAccepted(nameless, fixture))
        let signed = nameless.split(separator: ".").prefix(2).joined(separator: ".")
        let digest = SHA256.hash(data: Array(signed.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try await fixture.stores.revoke(digest, seconds: 60)
        #expect(try await !isAccepted(nameless, fixture))
    }

    @Test("a store that is away is not a wrong token")
    func storeAway() async throws {
        let fixture = try await APIFixture()
        fixture.stores.fail("isRevoked")
        await #expect(throws: StoreError.self) {
            try await fixture.verifier.tenant(of: APIFixture.jwt(claims: APIFixture.claims()))
        }
    }

    @Test("a configured public key verifies its own algorithm, and is no HMAC key")
    func publicKey() async throws {
        let key = ES256PrivateKey()
        let pem = key.publicKey.pemRepresentation
        let fixture = try await APIFixture(publicKeyPEM: pem)
        let foreign = JWTKeyCollection()
        await foreign.add(ecdsa: key)
        let claims = AccessTokenClaims(
            sub: APIFixture.acme, exp: Double(APIFixture.seconds + 60), nbf: nil, iat: nil, scp: "rocket", jti: "x")
        let token = try await foreign.sign(claims)
        #expect(try await isAccepted(token, fixture))
        #expect(try await !isAccepted(token))
        #expect(try await isAccepted(fixture.token(), fixture))
        // Everybody knows the public key: as an HMAC key it must open nothing.
        for secret in [Array(pem.utf8), Array((pem + "\n").utf8)] {
            for alg in ["HS256", "ES256"] {
                let forged = APIFixture.jwt(header: #"{"alg":"\#(alg)"}"#, claims: APIFixture.claims(), key: secret)
                #expect(try await !isAccepted(forged, fixture))
            }
        }
        let stranger = JWTKeyCollection()
        await stranger.add(ecdsa: ES256PrivateKey())
        #expect(try await !isAccepted(stranger.sign(claims), fixture))
        // HS256's header over ES256's signature, and the other way round.
        let parts = token.split(separator: ".").map(String.init)
        let mixed = APIFixture.base64URL(#"{"alg":"HS256"}"#.utf8) + "." + parts[1] + "." + parts[2]
        #expect(try await !isAccepted(mixed, fixture))
    }

    @Test("a short key, which is somebody's choice, signs like anybody else's HMAC with it")
    func shortKey() async throws {
        let fixture = try await APIFixture()
        let verifier = AccessTokenVerifier(
            keys: try await AccessTokenKeys(secret: Array("short".utf8)), scopes: ["rocket"],
            revocations: fixture.stores,
            tenants: fixture.tenants, now: { APIFixture.seconds * 1_000 })
        let token = APIFixture.jwt(claims: APIFixture.claims(), key: Array("short".utf8))
        #expect(try await verifier.tenant(of: token).id.text == APIFixture.acme)
    }

    @Test("a key that is none is refused at start")
    func badKey() async throws {
        await #expect(throws: CustomersError.self) { try await AccessTokenKeys(secret: []) }
        await #expect(throws: (any Error).self) {
            try await AccessTokenKeys(
                secret: [1], publicKeyPEM: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
        }
    }
}
