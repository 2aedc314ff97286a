import ChatBackend
@testable import Customers
import Synchronization
import Testing
import TestSupport

@Suite("Sweep what was being opened")
struct SweepOpeningTests {
    private func sweep(_ fixture: DomainFixture) async {
        await SweepTenant(fixture.services, store: fixture.stores)(fixture.tenant)
    }

    private func pass(_ milliseconds: Int64, _ fixture: DomainFixture) {
        fixture.clock.advance(milliseconds: milliseconds)
        fixture.stores.passTime(milliseconds: milliseconds)
    }

    /// Nobody is left with an account that we do not know, a room, a slot or a note.
    private func expectNothingLeft(_ fixture: DomainFixture, _ note: Comment) {
        #expect(fixture.chat.rooms.isEmpty, note)
        #expect(fixture.stores.sessions.isEmpty, note)
        #expect(fixture.stores.totalLoad == 0, note)
        #expect(fixture.stores.openings.isEmpty, note)
        #expect(fixture.chat.usernames.count == fixture.stores.recordCount, note)
        #expect(fixture.stores.areAllUnlocked, note)
    }

    enum Step: String, CaseIterable {
        case createCustomer, mintToken, openGroup, openDirectRoom, take, saveCustomer, open

        func spoil(_ fixture: DomainFixture, isDone: Bool) {
            if let operation = ScriptedChatBackend.Operation(rawValue: rawValue) {
                isDone ? fixture.chat.loseAnswer(operation) : fixture.chat.fail(operation, .timedOut)
            } else {
                isDone ? fixture.stores.loseAnswer(rawValue) : fixture.stores.fail(rawValue)
            }
        }
    }

    @Test(
        "a gateway that dies at any step leaves no room, no slot and no account that is not known",
        arguments: Step.allCases, [false, true])
    func crash(_ step: Step, isDone: Bool) async throws {
        for isDirect in [false, true] where step != (isDirect ? .openGroup : .openDirectRoom) {
            let fixture = try DomainFixture()
            step.spoil(fixture, isDone: isDone)
            // The dead give nothing back.
            fixture.stores.fail("release")
            fixture.stores.fail("unlock")
            await #expect(throws: (any Error).self) {
                _ = isDirect ? try await fixture.connect("bob") : try await fixture.start()
            }
            pass(3_000, fixture)
            let calls = fixture.chat.journal.count
            await sweep(fixture)
            #expect(fixture.chat.journal.count == calls, "its lock still stands")
            fixture.stores.expireLocks()
            for _ in 0..<3 {
                pass(40_000, fixture)
                await sweep(fixture)
            }
            if step == .open, isDone {
                // It was opened all right.
                #expect(fixture.stores.sessions.count == 1 && fixture.stores.openings.isEmpty)
                continue
            }
            expectNothingLeft(fixture, "\(step), done: \(isDone), direct: \(isDirect)")
        }
    }

    @Test(
        "the customer who comes again has one room, one account and one slot", arguments: Step.allCases, [false, true])
    func comesAgain(_ step: Step, isDone: Bool) async throws {
        for isDirect in [false, true] where step != (isDirect ? .openGroup : .openDirectRoom) {
            let fixture = try DomainFixture(sales: ["anna": 2, "carl": 2, "dora": 2])
            step.spoil(fixture, isDone: isDone)
            fixture.stores.fail("release")
            fixture.stores.fail("unlock")
            let call = { isDirect ? try await fixture.connect("bob") : try await fixture.start("bob") }
            await #expect(throws: (any Error).self) { _ = try await call() }
            fixture.stores.expireLocks()
            let answer = try await call()
            for _ in 0..<3 {
                pass(40_000, fixture)
                await sweep(fixture)
            }
            let note: Comment = "\(step), done: \(isDone), direct: \(isDirect)"
            #expect(Array(fixture.chat.rooms.keys) == [answer.session.rid], note)
            #expect(fixture.chat.usernames.count == 1 && fixture.stores.totalLoad == 1, note)
            #expect(fixture.stores.openings.isEmpty, note)
            #expect(try await call().session.rid == answer.session.rid, note)
        }
    }

    @Test(
        "an agent who may be in a room that nobody has recorded is counted until the sweep has taken it away",
        arguments: [false, true])
    func countedUntilLooked(isDirect: Bool) async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], support: [:])
        fixture.chat.loseAnswer(isDirect ? .openDirectRoom : .openGroup)
        await #expect(throws: ChatBackendError.timedOut) {
            _ = isDirect ? try await fixture.connect("bob") : try await fixture.start("bob")
        }
        #expect(fixture.chat.rooms.count == 1 && fixture.load("anna") == 1)
        let second = try await fixture.start("eve")
        #expect(second.session.state == .waiting, "anna has a room already")
        pass(3_000, fixture)
        let isGone = Mutex(false)
        fixture.stores.before("endOpening") { isGone.withLock { $0 = fixture.chat.rooms.count == 1 } }
        await sweep(fixture)
        #expect(isGone.withLock { $0 }, "given back before the room was removed")
        #expect(fixture.load("anna") == 0 && Array(fixture.chat.rooms.keys) == [second.session.rid])
    }

    @Test("to look for a direct room is to make it: not while that would be one too many for the agent")
    func noPlaceToLook() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], support: [:])
        fixture.chat.fail(.openDirectRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.connect("bob") }
        pass(3_000, fixture)
        await sweep(fixture)
        let other = try await fixture.start("eve")
        #expect(other.session.state == .assigned, "nothing was found, so anna is free")
        pass(40_000, fixture)
        let tries = fixture.chat.count(.openDirectRoom)
        await sweep(fixture)
        #expect(fixture.chat.count(.openDirectRoom) == tries && fixture.stores.openings.count == 1)
        try await fixture.close(other.session.rid)
        pass(40_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.openDirectRoom) == tries + 1)
        expectNothingLeft(fixture, "looked")
    }

    @Test("an agent who cannot be in any room is free at once")
    func notMade() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], support: [:])
        fixture.chat.fail(.openGroup, .unavailable("away", mayHaveRun: false))
        await #expect(throws: ChatBackendError.self) { try await fixture.start("bob") }
        #expect(fixture.load("anna") == 0)
        #expect(try await fixture.start("eve").session.state == .assigned)
    }

    @Test("a direct room that a dead gateway made with another agent goes, the one that the customer has stays")
    func otherAgent() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "carl": 2], support: [:])
        fixture.chat.loseAnswer(.openDirectRoom)
        fixture.stores.fail("unlock")
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.connect("bob") }
        let agent = try #require(fixture.chat.rooms.first?.value.members.first { $0.hasPrefix("agent-") })
        fixture.stores.expireLocks()
        // The slot that was kept has run out, and the agent has gone.
        fixture.set(try #require(fixture.chat.username(ofAgent: agent)), .offline)
        try await fixture.stores.release(agent, for: #require(fixture.stores.openings.first))
        let answer = try await fixture.connect("bob")
        #expect(answer.session.agent != agent && fixture.chat.rooms.count == 2)
        pass(3_000, fixture)
        await sweep(fixture)
        #expect(Array(fixture.chat.rooms.keys) == [answer.session.rid])
        #expect(fixture.stores.openings.isEmpty && fixture.stores.totalLoad == 1)
    }

    @Test("a room in which somebody has written is not removed: it is recorded, as if the customer had called again")
    func conversation() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        fixture.stores.forgetEverything()
        fixture.stores.fail("open")
        fixture.stores.fail("unlock")
        await #expect(throws: StoreError.self) { try await fixture.start("bob") }
        fixture.stores.expireLocks()
        fixture.chat.answerHistory(HistoryPage(messages: [Array("{}".utf8)], hasMore: false, next: nil, newest: 1))
        pass(3_000, fixture)
        await sweep(fixture)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
        #expect(fixture.load("anna") == 1 && fixture.stores.openings.isEmpty)
    }

    @Test("what the chat server makes after its caller has died is found by a second look, and there is no third")
    func secondLook() async throws {
        let fixture = try DomainFixture()
        fixture.chat.fail(.openGroup, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.start("bob") }
        _ = try await fixture.start("eve")
        pass(3_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.findGroup) == 1)
        let key = CustomerKey(
            tenant: fixture.tenant.id, trust: .claimed, name: try #require(CustomerName("bob")))
        let name = fixture.services.naming.groupName(department: fixture.salesDepartment, customer: key)
        _ = try await fixture.chat.openGroup(NewGroup(name: name, topic: "", members: []))
        pass(29_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.count == 2, "not yet")
        pass(5_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.count == 1 && fixture.stores.openings.isEmpty)
        let calls = fixture.chat.journal.count
        pass(100_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.journal.count == calls)
    }

    @Test("a call that made nothing leaves nothing to look for, so a chat server that is away is not asked more")
    func nothingMade() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        for error in [ChatBackendError.unavailable("away", mayHaveRun: false), .rateLimited(retryAfter: 5)] {
            fixture.chat.fail(.createCustomer, error)
            await #expect(throws: error) { try await fixture.start("bob") }
            #expect(fixture.stores.openings.isEmpty)
        }
        let answer = try await fixture.start("bob")
        _ = try await fixture.start("bob")
        await #expect(throws: CustomersError.self) { try await fixture.transfer(answer.session.rid, to: .anotherAgent) }
        #expect(fixture.stores.openings.isEmpty)
        try await fixture.close(answer.session.rid)
        #expect(fixture.stores.openings.isEmpty)
    }

    @Test("a transfer of a direct room that is cut short leaves no second room", arguments: [false, true])
    func directTransfer(isDone: Bool) async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "carl": 2], support: [:])
        let answer = try await fixture.connect("bob")
        isDone ? fixture.chat.loseAnswer(.openDirectRoom) : fixture.stores.fail("move")
        fixture.stores.fail("unlock")
        await #expect(throws: (any Error).self) { try await fixture.transfer(answer.session.rid, to: .anotherAgent) }
        #expect(fixture.chat.rooms.count == 2)
        fixture.stores.expireLocks()
        pass(3_000, fixture)
        await sweep(fixture)
        #expect(Array(fixture.chat.rooms.keys) == [answer.session.rid])
        #expect(fixture.stores.totalLoad == 1 && fixture.stores.openings.isEmpty)
    }
}
