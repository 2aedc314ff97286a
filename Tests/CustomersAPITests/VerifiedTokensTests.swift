import Customers
import Testing

@testable import CustomersAPI

@Suite("Recently verified access tokens")
struct VerifiedTokensTests {
    private let recent = VerifiedTokens()
    private let now: Int64 = 1_795_486_468_000
    private let tenant = TenantID("8009bf1c5fea4221b19afd4278fcb06f")

    private func remember(_ token: String = "t", id: String = "jti", generation: Int? = nil, expiry: Int64? = nil)
        throws
    {
        recent.remember(
            token, tenant: try #require(tenant), revocationID: id, expiry: expiry ?? now + 60_000,
            generation: generation ?? recent.generation, now: now)
    }

    @Test("a token is believed only while revocations are heard of")
    func off() throws {
        try remember()
        #expect(recent.tenant(of: "t", now: now) == nil)
        recent.turnOn()
        try remember()
        #expect(recent.tenant(of: "t", now: now) == tenant)
        recent.turnOff()
        #expect(recent.tenant(of: "t", now: now) == nil)
        recent.turnOn()
        #expect(recent.tenant(of: "t", now: now) == nil)
    }

    @Test("a revoked token is forgotten at once, others are not")
    func revoked() throws {
        recent.turnOn()
        try remember("a", id: "1")
        try remember("b", id: "2")
        recent.forget("1")
        #expect(recent.tenant(of: "a", now: now) == nil)
        #expect(recent.tenant(of: "b", now: now) == tenant)
    }

    @Test("an answer from before a revocation or an interruption is not remembered after it")
    func overtaken() throws {
        recent.turnOn()
        let before = recent.generation
        recent.forget("jti")
        try remember(generation: before)
        #expect(recent.tenant(of: "t", now: now) == nil)
    }

    @Test("a token is believed for ten seconds at most, and not past its end")
    func ages() throws {
        recent.turnOn()
        try remember("long")
        try remember("short", expiry: now + 300)
        try storeAnswers(at: now + 298)
        #expect(recent.tenant(of: "short", now: now + 299) == tenant)
        #expect(recent.tenant(of: "short", now: now + 300) == nil)
        try storeAnswers(at: now + 9_998)
        #expect(recent.tenant(of: "long", now: now + 9_999) == tenant)
        #expect(recent.tenant(of: "long", now: now + 10_000) == nil)
    }

    /// The store is asked for something else, so that only a token's own age counts.
    private func storeAnswers(at time: Int64) throws {
        recent.remember(
            "other", tenant: try #require(tenant), revocationID: "o", expiry: .max, generation: recent.generation,
            now: time)
    }

    @Test("after the clock was put back nothing is believed that it says nothing about")
    func clockPutBack() throws {
        recent.turnOn()
        try remember()
        #expect(recent.tenant(of: "t", now: now - 3_600_000) == nil)
        #expect(recent.beginsRenewal(now: now - 3_600_000))
        recent.storeAnswered(at: now - 3_600_000)
        #expect(recent.tenant(of: "t", now: now - 3_600_000) == nil)
    }

    @Test("one caller at a time is to ask the store ahead of time")
    func renewal() throws {
        #expect(!recent.beginsRenewal(now: now + 2))
        recent.turnOn()
        try remember()
        #expect(!recent.beginsRenewal(now: now + 1))
        #expect(recent.beginsRenewal(now: now + 2))
        #expect(!recent.beginsRenewal(now: now + 2))
        #expect(recent.beginsRenewal(now: now + 4))
        recent.storeAnswered(at: now + 4)
        #expect(!recent.beginsRenewal(now: now + 5))
        #expect(recent.tenant(of: "t", now: now + 8) == tenant)
        #expect(recent.tenant(of: "t", now: now + 9) == nil)
    }

    @Test("a store that has not answered for 5 ms is asked again")
    func silentStore() throws {
        recent.turnOn()
        try remember()
        #expect(recent.tenant(of: "t", now: now + 4) == tenant)
        #expect(recent.tenant(of: "t", now: now + 5) == nil)
    }
}
