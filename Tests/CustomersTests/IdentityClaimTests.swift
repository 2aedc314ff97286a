import Crypto
@testable import Customers
import Testing

@Suite("Identity claim")
struct IdentityClaimTests {
    private static let secret = Array("identity secret".utf8)
    private static let now: Int64 = 1_700_000_000

    private static func hash(_ name: String, _ timestamp: String, secret: [UInt8] = secret) -> String {
        Array(
            HMAC<SHA256>.authenticationCode(for: Array("\(name).\(timestamp)".utf8), using: SymmetricKey(data: secret))
        ).hex
    }

    private func customer(
        _ policy: IdentityPolicy, _ name: String?, hash: String? = nil, ts: String? = nil
    ) throws -> CustomerKey? {
        let fixture = try DomainFixture(identity: policy)
        return try IdentityClaim(name: name, userHash: hash, timestamp: ts).customer(of: fixture.tenant, now: Self.now)
    }

    @Test("nobody is named: a guest, also where names must be signed")
    func guest() throws {
        for policy in [IdentityPolicy.claimed(secret: nil), .signed(secret: Self.secret)] {
            #expect(try customer(policy, nil) == nil)
            #expect(try customer(policy, "") == nil)
        }
    }

    @Test("a bare name is believed where the tenant says so, and refused where not")
    func bare() throws {
        #expect(try customer(.claimed(secret: nil), "bob")?.trust == .claimed)
        #expect(try customer(.claimed(secret: Self.secret), "bob")?.trust == .claimed)
        #expect(throws: CustomersError.unauthorized) { try customer(.signed(secret: Self.secret), "bob") }
        #expect(throws: CustomersError.unauthorized) {
            try customer(.signed(secret: Self.secret), "bob", hash: "", ts: "1")
        }
    }

    @Test("a signed name is verified, under both policies", arguments: [-300, 0, 300])
    func signed(_ offset: Int64) throws {
        let ts = String(Self.now + offset)
        for policy in [IdentityPolicy.claimed(secret: Self.secret), .signed(secret: Self.secret)] {
            let key = try #require(try customer(policy, "王伟", hash: Self.hash("王伟", ts), ts: ts))
            #expect(key.trust == .verified)
            #expect(key.name.text == "王伟")
            #expect(try customer(policy, "王伟", hash: Self.hash("王伟", ts).uppercased(), ts: ts) == key)
        }
    }

    @Test("the hash is over the name as it was sent")
    func asSent() throws {
        let ts = String(Self.now)
        let key = try customer(.signed(secret: Self.secret), " bob ", hash: Self.hash(" bob ", ts), ts: ts)
        #expect(key?.name.text == "bob")
    }

    @Test(
        "stale, early, absent and malformed times are refused",
        arguments: ["1699999699", "1700000301", "", "now", "1700000000.0", "１７００００００００"])
    func stale(_ ts: String) throws {
        #expect(throws: CustomersError.unauthorized) {
            try customer(.signed(secret: Self.secret), "bob", hash: Self.hash("bob", ts), ts: ts)
        }
        #expect(throws: CustomersError.unauthorized) {
            try customer(.claimed(secret: Self.secret), "bob", hash: Self.hash("bob", ts), ts: ts)
        }
    }

    @Test("a wrong hash is refused even where a bare name would do")
    func wrong() throws {
        let ts = String(Self.now)
        let good = Self.hash("bob", ts)
        let wrong = [
            Self.hash("bob", ts, secret: Array("other".utf8)), Self.hash("eve", ts), "zz" + good.dropFirst(2),
            String(good.dropLast()), String(good.dropLast(2)), good + "00", "00" + good.dropFirst(2).dropLast(2) + "00",
            "é",
        ]
        for hash in wrong {
            for policy in [IdentityPolicy.claimed(secret: Self.secret), .signed(secret: Self.secret)] {
                #expect(throws: CustomersError.unauthorized) { try customer(policy, "bob", hash: hash, ts: ts) }
            }
        }
    }

    @Test("a name that breaks the rules is said so")
    func badName() throws {
        #expect(throws: CustomersError.invalid(["name": IdentityClaim.nameRule])) {
            try customer(.claimed(secret: nil), "a\u{202e}b")
        }
    }

    @Test("hex is read in pairs, in either case, and nothing else is")
    func hex() {
        #expect([UInt8](hex: "00fFA5") == [0x00, 0xff, 0xa5])
        #expect([UInt8](hex: "") == [])
        for text in ["0", "0g", "0x", " 0", "é"] { #expect([UInt8](hex: text) == nil) }
    }
}
