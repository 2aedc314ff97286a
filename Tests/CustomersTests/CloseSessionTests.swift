import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Close session")
struct CloseSessionTests {
    @Test("room, slot and token are gone, for the customer and for the tenant alike")
    func close() async throws {
        for isTenant in [true, false] {
            let fixture = try DomainFixture()
            let answer = try await fixture.start("bob")
            try await fixture.close(answer.session.rid, as: isTenant ? nil : fixture.caller(answer))
            #expect(fixture.chat.rooms.isEmpty)
            #expect(fixture.stores.totalLoad == 0)
            #expect(fixture.stores.sessions.isEmpty)
            #expect(fixture.chat.owner(of: answer.token) == nil)
            #expect(try await fixture.stores.owner(ofToken: ChatTokenDigest(answer.token).text)?.isLive == false)
        }
    }

    @Test("a second close by the same caller succeeds and does nothing")
    func twice() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        let caller = Caller.customer(answer.session.customer, isLive: false)
        try await fixture.close(answer.session.rid, as: fixture.caller(answer))
        let calls = fixture.chat.journal.count
        try await fixture.close(answer.session.rid, as: caller)
        try await fixture.close(answer.session.rid)
        #expect(fixture.chat.journal.count == calls)
    }

    @Test("another customer's, another tenant's and no room at all are the same 404, open or closed")
    func foreign() async throws {
        let fixture = try DomainFixture()
        let (bob, eve) = (try await fixture.start("bob"), try await fixture.start("eve"))
        let other = Caller.tenant(try DomainFixture.id("11111111-1111-4111-8111-111111111111"))
        var tenant = fixture.tenant
        tenant.id = other.tenant
        for round in 0..<2 {
            await #expect(throws: CustomersError.notFound) {
                try await fixture.close(bob.session.rid, as: fixture.caller(eve))
            }
            await #expect(throws: CustomersError.notFound) {
                try await CloseSession(fixture.services)(tenant: tenant, caller: other, rid: bob.session.rid)
            }
            await #expect(throws: CustomersError.notFound) {
                try await fixture.close("nonsense", as: fixture.caller(eve))
            }
            if round == 0 { try await fixture.close(bob.session.rid) }
        }
        #expect(fixture.chat.rooms[eve.session.rid] != nil)
    }

    @Test("the token stays while another room of the customer is open")
    func otherRoom() async throws {
        let fixture = try DomainFixture()
        let sales = try await fixture.start("bob")
        let support = try await fixture.start("bob", department: fixture.supportDepartment)
        try await fixture.close(sales.session.rid)
        #expect(fixture.chat.owner(of: sales.token) == sales.account.id)
        #expect(fixture.chat.count(.revokeToken) == 0)
        try await fixture.close(support.session.rid)
        #expect(fixture.chat.owner(of: sales.token) == nil)
    }

    @Test(
        "whatever step fails, the same call again finishes the work",
        arguments: [
            "removeRoom", "findRoom", "lock", "beginClose", "find", "retireToken", "saveCustomer", "finishClose",
        ])
    func retried(_ step: String) async throws {
        for isLost in [false, true] {
            let fixture = try DomainFixture()
            let answer = try await fixture.start("bob")
            if step == "removeRoom" {
                isLost ? fixture.chat.loseAnswer(.removeRoom) : fixture.chat.fail(.removeRoom, .timedOut)
            } else {
                isLost ? fixture.stores.loseAnswer(step) : fixture.stores.fail(step)
            }
            await #expect(throws: (any Error).self) { try await fixture.close(answer.session.rid) }
            // A lock whose answer was lost runs out by itself.
            if step == "lock", isLost { try await unlock(fixture, answer) }
            #expect(fixture.stores.areAllUnlocked)
            // With the token as good as it is by now.
            let now = try await fixture.stores.owner(ofToken: ChatTokenDigest(answer.token).text)
            let caller = Caller.customer(answer.session.customer, isLive: now?.isLive ?? false)
            try await fixture.close(answer.session.rid, as: caller)
            #expect(fixture.chat.rooms.isEmpty)
            #expect(fixture.stores.totalLoad == 0)
            #expect(fixture.stores.sessions.isEmpty)
            let owner = try await fixture.stores.owner(ofToken: ChatTokenDigest(answer.token).text)
            #expect(owner?.isLive == false, "\(step), lost: \(isLost)")
        }
    }

    @Test(
        "the agent has the room until it is gone, unless the chat server does not remove it: then the next one need not wait"
    )
    func slot() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        let answer = try await fixture.start("bob")
        let waiting = try await fixture.start("eve")
        fixture.chat.fail(.removeRoom, .refused(code: "error-not-allowed"))
        await #expect(throws: (any Error).self) { try await fixture.close(answer.session.rid) }
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.stores.session(waiting.session.rid, fixture.tenant.id)?.agent == fixture.agent("anna"))
        try await fixture.close(answer.session.rid)
        #expect(fixture.load("anna") == 1)
    }

    private func unlock(_ fixture: DomainFixture, _ answer: SessionAnswer) async throws {
        for number in 0..<99 { try await fixture.stores.unlock(answer.session.customer, fence: "fence-\(number)") }
    }

    @Test("a token that was logged out closes nothing that was opened since")
    func retiredToken() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        try await fixture.close(first.session.rid, as: fixture.caller(first))
        let second = try await fixture.start("bob")
        let retired = Caller.customer(first.session.customer, isLive: false)
        await #expect(throws: CustomersError.notFound) { try await fixture.close(second.session.rid, as: retired) }
        #expect(fixture.chat.rooms[second.session.rid] != nil)
        try await fixture.close(first.session.rid, as: retired)
    }

    @Test("a chat server that cannot remove the room does not keep the agent busy")
    func agentIsFreeAtOnce() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        let first = try await fixture.start("first")
        fixture.chat.fail(.removeRoom, .refused(code: "x"))
        await #expect(throws: ChatBackendError.self) { try await fixture.close(first.session.rid) }
        #expect(fixture.load("anna") == 0)
        #expect(try await fixture.start("second").agentID == "agent-anna")
        try await fixture.close(first.session.rid)
        #expect(fixture.load("anna") == 1)
    }

    @Test("while a slow chat server may be removing the room its agent is counted, until the sweep has tried as well")
    func slowRemoval() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        let first = try await fixture.start("first")
        fixture.chat.fail(.removeRoom, .timedOut, times: 2)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.close(first.session.rid) }
        #expect(fixture.load("anna") == 1)
        fixture.stores.passTime(milliseconds: 3_000)
        await SweepTenant(fixture.services, store: fixture.stores)(fixture.tenant)
        #expect(fixture.load("anna") == 0)
        #expect(fixture.chat.rooms.count == 1)
    }

    @Test("a room that is being closed is neither resumed nor read nor transferred")
    func closing() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        fixture.chat.fail(.removeRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.close(answer.session.rid) }
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .closing)
        await #expect(throws: CustomersError.notFound) { try await fixture.read(answer.session.rid) }
        await #expect(throws: CustomersError.notFound) {
            try await fixture.transfer(answer.session.rid, to: .anotherAgent)
        }
    }

    @Test("a chat server that cannot log a token out does not fail the close")
    func revokeFails() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        fixture.chat.fail(.revokeToken, .timedOut)
        try await fixture.close(answer.session.rid)
        #expect(try await fixture.stores.owner(ofToken: ChatTokenDigest(answer.token).text)?.isLive == false)
    }

    @Test("archive keeps the room for the tenant alone")
    func archive() async throws {
        let fixture = try DomainFixture(close: .archive)
        let answer = try await fixture.start("bob")
        try await fixture.close(answer.session.rid, as: fixture.caller(answer))
        #expect(fixture.chat.rooms[answer.session.rid]?.isArchived == true)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .archived)
        #expect(fixture.stores.totalLoad == 0)
        _ = try await fixture.read(answer.session.rid)
        await #expect(throws: CustomersError.notFound) {
            try await fixture.read(answer.session.rid, as: fixture.caller(answer))
        }
        try await fixture.close(answer.session.rid, as: fixture.caller(answer))
        let again = try await fixture.start("bob")
        #expect(again.session.rid != answer.session.rid)
    }

    @Test("the next in the queue is served, whichever department the agent serves besides")
    func servesQueue() async throws {
        var fixture = try DomainFixture(sales: ["anna": 1], support: ["anna": 1], hasDefault: false)
        // Without a default, a customer who names no department waits for all agents.
        let first = try await fixture.start("first", department: fixture.salesDepartment)
        let waiting = try await fixture.start("second", department: fixture.supportDepartment)
        try await fixture.close(first.session.rid)
        #expect(fixture.stores.session(waiting.session.rid, fixture.tenant.id)?.agent == "agent-anna")
        let everybody = try await fixture.start("third")
        #expect(everybody.wait == 1)
        #expect(everybody.session.department == .zero)
        try await fixture.close(waiting.session.rid)
        #expect(fixture.stores.session(everybody.session.rid, fixture.tenant.id)?.agent == "agent-anna")
        fixture.tenant.departments = []
        try await fixture.close(everybody.session.rid)
        #expect(fixture.stores.totalLoad == 0)
    }

    @Test("a waiting room leaves the queue")
    func leavesQueue() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        _ = try await fixture.start("first")
        let second = try await fixture.start("second")
        let third = try await fixture.start("third")
        try await fixture.close(second.session.rid)
        #expect(fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id) == [third.session.rid])
        #expect(try await fixture.start("third").wait == 1)
    }

    @Test("after a transfer a direct room is closed with all that came before, under any of its ids")
    func moved() async throws {
        for usesOldID in [false, true] {
            let fixture = try DomainFixture()
            let first = try await fixture.connect("bob")
            let second = try await fixture.transfer(first.session.rid, to: .anotherAgent)
            try await fixture.close(usesOldID ? first.session.rid : second.session.rid, as: fixture.caller(first))
            #expect(fixture.chat.rooms.isEmpty)
            #expect(fixture.stores.sessions.isEmpty)
            #expect(fixture.stores.totalLoad == 0)
            #expect(fixture.chat.owner(of: first.token) == nil)
            try await fixture.close(first.session.rid, as: fixture.caller(first))
        }
    }
}
