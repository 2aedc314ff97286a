import Crypto
@testable import Customers
import Testing
import TestSupport

@Suite("Limits of calls")
struct CallLimitsTests {
    private static let secret = Array("identity".utf8)

    private func fixture(_ perAddress: Int, identity: IdentityPolicy = .claimed(secret: secret)) throws -> DomainFixture
    {
        var fixture = try DomainFixture(
            sales: ["anna": 99], identity: identity, perAddress: RateLimit(count: perAddress, seconds: 60))
        fixture.services = fixture.services.with(limitPerCustomer: RateLimit(count: 3, seconds: 60))
        return fixture
    }

    /// An abuser at the address uses up what it has for people who prove nothing.
    private func abuse(_ fixture: DomainFixture) async throws {
        await #expect(throws: CustomersError.self) {
            for _ in 0..<100 { _ = try await fixture.start() }
        }
    }

    @Test("who holds a chat token is not held back for an abuser behind the same address, but for their own calls")
    func holder() async throws {
        let fixture = try fixture(5)
        let session = try await fixture.start()
        try await abuse(fixture)
        // The call that made the customer was the first of three.
        for _ in 0..<2 { #expect(try await fixture.start(token: session.token).session.rid == session.session.rid) }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start(token: session.token, address: "203.0.113.9")
        }
    }

    @Test("who is signed for is counted alone, wherever they call from")
    func signed() async throws {
        let fixture = try fixture(1)
        try await abuse(fixture)
        let time = String(fixture.clock.now / 1_000)
        func hash(_ name: String) -> String {
            HMAC<SHA256>.authenticationCode(
                for: Array("\(name).\(time)".utf8), using: SymmetricKey(data: Self.secret)
            ).hex
        }
        for _ in 0..<3 { _ = try await fixture.start("ann", hash: hash("ann"), timestamp: time) }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start("ann", address: "203.0.113.9", hash: hash("ann"), timestamp: time)
        }
        _ = try await fixture.start("bob", hash: hash("bob"), timestamp: time)
    }

    @Test("a token does not help with another name: that is anybody, and counted by address")
    func otherName() async throws {
        let fixture = try fixture(2)
        let session = try await fixture.start()
        _ = try await fixture.start("ann", token: session.token)
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start("bob", token: session.token)
        }
        await #expect(throws: CustomersError.self) { try await fixture.start(token: "nobodys") }
        #expect(try await fixture.start(token: session.token).session.rid == session.session.rid)
    }

    @Test("one address has room for so many holders of tokens, no more")
    func holders() async throws {
        let fixture = try fixture(1)
        let session = try await fixture.start()
        var refusals = 0
        for _ in 0..<12 {
            do { _ = try await fixture.start(token: "a-guess-for-a-token") } catch { refusals += 1 }
        }
        #expect(refusals == 12)
        // Their look-ups were counted: there are ten for each call that the address has.
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start(token: session.token)
        }
    }

    @Test("a call that its customer's bucket refuses does not use up the tenant's")
    func allOrNone() async throws {
        var fixture = try fixture(100)
        fixture.services = fixture.services.with(limitPerTenant: RateLimit(count: 5, seconds: 60))
        let sessions = [try await fixture.start(), try await fixture.start(), try await fixture.start()]
        for _ in 0..<2 { _ = try await fixture.start(token: sessions[0].token) }
        for _ in 0..<9 {
            await #expect(throws: CustomersError.self) { try await fixture.start(token: sessions[0].token) }
        }
        for number in [1, 1, 2] { _ = try await fixture.start(token: sessions[number].token) }
        await #expect(throws: CustomersError.self) { try await fixture.start(token: sessions[2].token) }
    }

    @Test("strangers, from however many addresses, do not use up what the tenant's known customers have")
    func strangers() async throws {
        var fixture = try fixture(100)
        fixture.services = fixture.services.with(limitPerTenant: RateLimit(count: 5, seconds: 60))
        let session = try await fixture.start()
        for number in 1...4 { _ = try await fixture.start(address: "203.0.113.\(number)") }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start(address: "203.0.113.9")
        }
        #expect(try await fixture.start(token: session.token).session.rid == session.session.rid)
    }

    @Test("a room is moved so often and not more; what moves nothing is not counted, and a refusal changes nothing")
    func transfers() async throws {
        var fixture = try DomainFixture(sales: ["anna": 9, "bill": 9])
        fixture.services = fixture.services.with(limitPerTransfer: RateLimit(count: 3, seconds: 600))
        let first = try await fixture.start("bob")
        let rid = first.session.rid
        await #expect(throws: CustomersError.notFound) { try await fixture.transfer(rid, to: .agent("x", in: nil)) }
        _ = try await fixture.transfer(rid, to: .agent(first.agentID, in: nil))
        for _ in 0..<3 { _ = try await fixture.transfer(rid, to: .anotherAgent) }
        let (calls, load) = (fixture.chat.journal.count, fixture.stores.totalLoad)
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 600)) {
            try await fixture.transfer(rid, to: .anotherAgent)
        }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 600)) {
            try await fixture.transfer(rid, to: .department(fixture.supportDepartment.id))
        }
        #expect(fixture.chat.journal.count == calls && fixture.stores.totalLoad == load)
        _ = try await fixture.transfer(try await fixture.start("ann").session.rid, to: .anotherAgent)
    }

    @Test("a direct room that goes on under another id is the same room")
    func directTransfers() async throws {
        var fixture = try DomainFixture(sales: ["anna": 9, "bill": 9])
        fixture.services = fixture.services.with(limitPerTransfer: RateLimit(count: 2, seconds: 600))
        var rid = try await fixture.connect("bob").session.rid
        for _ in 0..<2 { rid = try await fixture.transfer(rid, to: .anotherAgent).session.rid }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 600)) {
            try await fixture.transfer(rid, to: .anotherAgent)
        }
    }
}
