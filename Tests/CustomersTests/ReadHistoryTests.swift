import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Read history")
struct ReadHistoryTests {
    @Test("a room is read in its customer's own name, whoever asks")
    func ownName() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        fixture.chat.answerHistory(HistoryPage(messages: [Array("{}".utf8)], hasMore: true, next: "c"))
        let page = try await fixture.read(bob.session.rid, as: fixture.caller(bob))
        #expect(page.messages == [Array("{}".utf8)])
        #expect(page.next == "c")
        _ = try await fixture.read(bob.session.rid)
        #expect(
            fixture.chat.queries.map(\.credential)
                == Array(repeating: CustomerCredential(userID: bob.account.id, token: bob.token), count: 2))
    }

    @Test("other people's rooms are absent")
    func foreign() async throws {
        let fixture = try DomainFixture()
        let (bob, eve) = (try await fixture.start("bob"), try await fixture.start("eve"))
        let tenant = Caller.tenant(try DomainFixture.id("11111111-1111-4111-8111-111111111111"))
        for caller in [fixture.caller(eve), tenant] {
            await #expect(throws: CustomersError.notFound) { try await fixture.read(bob.session.rid, as: caller) }
        }
        await #expect(throws: CustomersError.notFound) { try await fixture.read("nonsense", as: fixture.caller(eve)) }
        #expect(fixture.chat.count(.history) == 0)
    }

    @Test("a customer's own open room is found in one look at the store")
    func oneLook() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        let before = fixture.stores.calls.count
        _ = try await fixture.read(bob.session.rid, as: fixture.caller(bob))
        #expect(fixture.stores.calls.dropFirst(before) == ["find"])
    }

    @Test("a page has 100 messages at most")
    func count() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        for (asked, got) in [(1, 1), (100, 100), (101, 100), (Int.max, 100)] {
            _ = try await fixture.read(bob.session.rid, count: asked)
            #expect(fixture.chat.queries.last?.count == got)
        }
    }

    @Test("a token that the chat server does not take any more is renewed once, and opens nothing here either")
    func renewed() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        fixture.chat.killToken(bob.token)
        _ = try await fixture.read(bob.session.rid, as: fixture.caller(bob))
        #expect(fixture.chat.count(.mintToken) == 2)
        let again = try await fixture.start("bob")
        #expect(again.token != bob.token)
        #expect(fixture.chat.owner(of: again.token) == bob.account.id)
        let digest = ChatTokenDigest(bob.token).text
        #expect(try await fixture.stores.owner(ofToken: digest)?.isLive == false)
    }

    @Test("a chat server that refuses new tokens as well is asked twice, not for ever")
    func renewedOnce() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        fixture.chat.fail(.history, .refused(code: ChatBackendError.deadToken), times: 5)
        await #expect(throws: ChatBackendError.refused(code: ChatBackendError.deadToken)) {
            try await fixture.read(bob.session.rid)
        }
        #expect(fixture.chat.count(.history) == 2)
    }

    @Test("a bad cursor names the field that has it")
    func badCursor() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        for (position, field) in [(HistoryQuery.Position.before("x"), "before"), (.after("x"), "after")] {
            fixture.chat.fail(.history, .invalidCursor)
            await #expect(throws: CustomersError.invalid([field: "not a cursor of this API"])) {
                try await ReadHistory(fixture.services)(
                    caller: fixture.caller(bob), rid: bob.session.rid, count: 20, position: position,
                    includesSystemMessages: false)
            }
        }
    }

    @Test("a room that is gone at the chat server is absent")
    func gone() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        fixture.chat.loseRoom(bob.session.rid)
        await #expect(throws: CustomersError.notFound) { try await fixture.read(bob.session.rid) }
    }

    @Test("a room that turns out to be gone is not resumed again, and its agent is free")
    func goneForGood() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        let bob = try await fixture.start("bob")
        fixture.chat.loseRoom(bob.session.rid)
        await #expect(throws: CustomersError.notFound) {
            try await fixture.read(bob.session.rid, as: fixture.caller(bob))
        }
        #expect(fixture.load("anna") == 0)
        let again = try await fixture.start("bob")
        #expect(again.session.rid != bob.session.rid && again.session.state == .assigned)
        _ = try await fixture.read(again.session.rid, as: fixture.caller(again))
    }

    @Test("a room that only its customer does not see is not gone; nor is one while the server is in trouble")
    func notGone() async throws {
        let fixture = try DomainFixture()
        let bob = try await fixture.start("bob")
        fixture.chat.fail(.history, .notFound)
        await #expect(throws: CustomersError.notFound) { try await fixture.read(bob.session.rid) }
        fixture.chat.loseRoom(bob.session.rid)
        fixture.chat.fail(.health, .unavailable("x"))
        await #expect(throws: CustomersError.notFound) { try await fixture.read(bob.session.rid) }
        #expect(fixture.stores.session(bob.session.rid, fixture.tenant.id)?.state == .assigned)
    }

    @Test("an archived group is read in nobody's name, and nobody is signed in for it")
    func archived() async throws {
        let fixture = try DomainFixture(close: .archive)
        let bob = try await fixture.start("bob")
        try await fixture.close(bob.session.rid)
        _ = try await fixture.read(bob.session.rid)
        #expect(fixture.chat.queries.last?.credential == nil)
        #expect(fixture.chat.count(.mintToken) == 1)
    }
}
