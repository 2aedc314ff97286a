import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Sweep a tenant")
struct SweepTenantTests {
    private static let (closing, queue, session): (Int64, Int64, Int64) = (3_000, 1_800_000, 86_400_000)

    private func sweep(_ fixture: DomainFixture) async {
        await SweepTenant(fixture.services, store: fixture.stores)(fixture.tenant)
    }

    /// Time goes on for the gateways and for the store.
    private func pass(_ milliseconds: Int64, _ fixture: DomainFixture) {
        fixture.clock.advance(milliseconds: milliseconds)
        fixture.stores.passTime(milliseconds: milliseconds)
    }

    private func expectNothingLeft(_ fixture: DomainFixture, _ answer: SessionAnswer, _ note: Comment = "") async throws
    {
        #expect(fixture.chat.rooms.isEmpty, note)
        #expect(fixture.stores.sessions.isEmpty, note)
        #expect(fixture.stores.totalLoad == 0, note)
        #expect(fixture.chat.owner(of: answer.token) == nil, note)
        let owner = try await fixture.stores.owner(ofToken: ChatTokenDigest(answer.token).text)
        #expect(owner?.isLive == false, note)
        #expect(fixture.stores.areAllUnlocked, note)
    }

    // MARK: Unfinished closes

    @Test(
        "a gateway that dies between any two steps of a close leaves one that is finished",
        arguments: ["removeRoom", "find", "retireToken", "saveCustomer", "finishClose"])
    func crash(_ step: String) async throws {
        for isDone in [false, true] {
            let fixture = try DomainFixture()
            let answer = try await fixture.start("bob")
            if step == "removeRoom" {
                isDone ? fixture.chat.loseAnswer(.removeRoom) : fixture.chat.fail(.removeRoom, .timedOut)
            } else {
                isDone ? fixture.stores.loseAnswer(step) : fixture.stores.fail(step)
            }
            // The dead give no lock back.
            fixture.stores.fail("unlock")
            await #expect(throws: (any Error).self) { try await fixture.close(answer.session.rid) }
            pass(Self.closing, fixture)
            if !fixture.stores.sessions.isEmpty {
                let calls = fixture.chat.journal.count
                await sweep(fixture)
                #expect(fixture.chat.journal.count == calls, "its lock still stands")
                pass(20_000, fixture)
            }
            fixture.stores.expireLocks()
            await sweep(fixture)
            // A token that we forgot before the chat server heard of it runs out there.
            let isForgotten = step == "saveCustomer" && isDone
            if isForgotten { fixture.chat.killToken(answer.token) }
            try await expectNothingLeft(fixture, answer, "\(step), done: \(isDone)")
        }
    }

    @Test("a close that may still be at work is left alone")
    func young() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        fixture.chat.fail(.removeRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.close(answer.session.rid) }
        pass(Self.closing - 1, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.removeRoom) == 1)
        pass(20_000, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }

    @Test("a room that the chat server refuses to remove is tried less and less, and holds up no other")
    func backoff() async throws {
        let fixture = try DomainFixture()
        let (first, second) = (try await fixture.start("first"), try await fixture.start("second"))
        fixture.chat.fail(.removeRoom, .refused(code: "x"), times: 99)
        for answer in [first, second] {
            await #expect(throws: ChatBackendError.self) { try await fixture.close(answer.session.rid) }
        }
        pass(Self.closing, fixture)
        var tries: [Int] = []
        for _ in 0..<360 {
            let before = fixture.chat.count(.removeRoom)
            await sweep(fixture)
            tries.append(fixture.chat.count(.removeRoom) - before)
            pass(10_000, fixture)
        }
        // Both, after 0, 30, 90, 210, 450, 930, 1830 and 2730 seconds.
        #expect(tries.indices.filter { tries[$0] > 0 } == [0, 3, 9, 21, 45, 93, 183, 273])
        #expect(tries.allSatisfy { $0 == 0 || $0 == 2 })
    }

    @Test("a chat server that is away is asked once a round, and each room gets its turn")
    func away() async throws {
        let fixture = try DomainFixture()
        fixture.chat.fail(.removeRoom, .unavailable("x"), times: 5)
        for name in ["a", "b", "c"] {
            let answer = try await fixture.start(name)
            await #expect(throws: ChatBackendError.self) { try await fixture.close(answer.session.rid) }
        }
        pass(Self.closing, fixture)
        for round in 1...2 {
            await sweep(fixture)
            #expect(fixture.chat.count(.removeRoom) == 3 + round)
            pass(10_000, fixture)
        }
        await sweep(fixture)
        #expect(fixture.chat.rooms.count == 2)
        pass(60_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.isEmpty)
    }

    @Test("a direct room that was closed and opened again meanwhile stays")
    func reopened() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.connect("bob")
        fixture.chat.fail(.removeRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.close(first.session.rid) }
        _ = try await fixture.connect("bob")
        pass(Self.closing, fixture)
        await sweep(fixture)
        #expect(fixture.stores.sessions.map(\.state) == [.assigned])
        #expect(fixture.chat.rooms.count == 1)
    }

    // MARK: Abandoned sessions

    @Test("a session that nobody used for session_ttl is closed, of either kind")
    func abandoned() async throws {
        for isDirect in [false, true] {
            let fixture = try DomainFixture()
            let answer = isDirect ? try await fixture.connect("bob") : try await fixture.start("bob")
            pass(Self.session - 1, fixture)
            await sweep(fixture)
            #expect(fixture.chat.count(.history) == 0)
            #expect(fixture.chat.rooms.count == 1)
            pass(10_000, fixture)
            await sweep(fixture)
            try await expectNothingLeft(fixture, answer)
        }
    }

    @Test("the tenant's close policy holds for abandoned sessions too")
    func archives() async throws {
        let fixture = try DomainFixture(close: .archive)
        let answer = try await fixture.start("bob")
        pass(Self.session, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms[answer.session.rid]?.isArchived == true)
        #expect(fixture.stores.sessions.map(\.state) == [.archived])
        pass(Self.session, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.archiveRoom) == 1)
    }

    @Test("a call of the customer keeps the session", arguments: ["resume", "history", "transfer", "connect"])
    func used(_ call: String) async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "amy": 2])
        let answer = call == "connect" ? try await fixture.connect("bob") : try await fixture.start("bob")
        let rid = answer.session.rid
        pass(Self.session - 1_000, fixture)
        switch call {
        case "resume": _ = try await fixture.start(token: answer.token, group: rid)
        case "history": _ = try await fixture.read(rid, as: fixture.caller(answer))
        case "transfer": _ = try await fixture.transfer(rid, to: .anotherAgent)
        default: _ = try await fixture.connect("bob")
        }
        pass(Self.session - 1_000, fixture)
        await sweep(fixture)
        #expect(fixture.stores.sessions.contains { $0.rid == rid && $0.state.isOpen })
        pass(10_000, fixture)
        await sweep(fixture)
        #expect(fixture.stores.sessions.isEmpty)
    }

    @Test("people who chat without calling us keep the session, until they stop")
    func chatting() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        pass(Self.session, fixture)
        let newest = fixture.clock.now - 3_600_000
        fixture.chat.answerHistory(HistoryPage(messages: [Array("{}".utf8)], hasMore: false, next: nil, newest: newest))
        await sweep(fixture)
        #expect(fixture.chat.queries.map(\.count) == [1])
        #expect(fixture.chat.queries.map(\.credential) == [nil])
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
        pass(Self.session - 3_600_000 - 1, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.history) == 1, "not asked again before it may be over")
        let old = HistoryPage(messages: [Array("{}".utf8)], hasMore: false, next: nil, newest: newest)
        fixture.chat.answerHistory(old)
        pass(10_000, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }

    @Test("a customer who comes back at the last moment is not closed")
    func touchedMeanwhile() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        pass(Self.session, fixture)
        fixture.stores.before("beginClose") {
            _ = try? await fixture.start(token: answer.token, group: answer.session.rid)
        }
        await sweep(fixture)
        #expect(fixture.chat.count(.removeRoom) == 0)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
        #expect(fixture.chat.owner(of: answer.token) != nil)
    }

    @Test("0 is never")
    func off() async throws {
        var fixture = try DomainFixture(agents: ["anna": .offline, "ben": .online])
        (fixture.tenant.sessionTTL, fixture.tenant.queueTTL) = (0, 0)
        _ = try await fixture.start("waiting")
        _ = try await fixture.start("assigned", department: fixture.supportDepartment)
        pass(Self.session * 20, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.count == 2)
        #expect(fixture.chat.count(.history) == 0)
    }

    @Test("when it is unknown whether somebody is there, nobody is closed, and the question waits")
    func unknown() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        pass(Self.session, fixture)
        fixture.chat.fail(.history, .timedOut)
        await sweep(fixture)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
        pass(29_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.count(.history) == 1)
        pass(10_000, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }

    @Test("a room that is gone at the chat server is gone here as well")
    func lostRoom() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        fixture.chat.loseRoom(answer.session.rid)
        pass(Self.session, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }

    // MARK: Queues

    @Test(
        "who waits and is not heard of for queue_ttl leaves the queue and is closed; who asks from time to time stays")
    func queueTTL() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline])
        let (gone, there) = (try await fixture.start("gone"), try await fixture.start("there"))
        for _ in 0..<2 {
            pass(Self.queue / 2, fixture)
            _ = try await fixture.start(token: there.token, group: there.session.rid)
        }
        await sweep(fixture)
        let queue = fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id)
        #expect(queue == [there.session.rid])
        #expect(fixture.chat.rooms[gone.session.rid] == nil)
        #expect(try await fixture.start(token: there.token, group: there.session.rid).wait == 1)
    }

    @Test("a customer who waits with an agent, after a transfer, is not given up by queue_ttl")
    func hasAgent() async throws {
        let fixture = try DomainFixture(agents: ["anna": .online, "ben": .offline])
        let answer = try await fixture.start("bob")
        _ = try await fixture.transfer(answer.session.rid, to: .department(fixture.supportDepartment.id))
        pass(Self.queue, fixture)
        await sweep(fixture)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .waiting)
        pass(Self.session, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }

    @Test("who was waiting and got an agent is given a whole session_ttl")
    func promoted() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline])
        let answer = try await fixture.start("bob")
        pass(Self.queue - 1_000, fixture)
        fixture.set("anna", .online)
        await fixture.serve(fixture.salesDepartment)
        pass(Self.session - 1_000, fixture)
        await sweep(fixture)
        #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
    }

    // MARK: The fleet

    @Test("of two gateways one sweeps; the other finds nothing to do")
    func twoGateways() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        pass(Self.session, fixture)
        fixture.chat.hold(.removeRoom)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sweep(fixture) }
            try? await fixture.chat.waitFor(.removeRoom)
            await sweep(fixture)
            #expect(fixture.chat.count(.history) == 1)
            fixture.chat.letGo(.removeRoom)
        }
        #expect(fixture.chat.count(.removeRoom) == 1)
        try await expectNothingLeft(fixture, answer)
    }

    @Test("a gateway whose turn ran out stops after the room at hand")
    func stops() async throws {
        let fixture = try DomainFixture()
        for name in ["a", "b"] { _ = try await fixture.start(name) }
        pass(Self.session, fixture)
        fixture.chat.hold(.removeRoom)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sweep(fixture) }
            try await fixture.chat.waitFor(.removeRoom)
            pass(20_000, fixture)
            _ = try await fixture.stores.begin(tenant: fixture.tenant.id, ages: [:], limit: 1)
            fixture.chat.letGo(.removeRoom)
        }
        #expect(fixture.chat.rooms.count == 1)
    }

    @Test("a gateway that stood still for longer than its turn closes nothing twice")
    func lostTurn() async throws {
        let fixture = try DomainFixture()
        for name in ["a", "b", "c"] { _ = try await fixture.start(name) }
        pass(Self.session, fixture)
        fixture.chat.hold(.removeRoom)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sweep(fixture) }
            try? await fixture.chat.waitFor(.removeRoom)
            pass(20_000, fixture)
            group.addTask { await sweep(fixture) }
            try? await fixture.chat.waitFor(.removeRoom, count: 2)
            fixture.chat.letGo(.removeRoom)
        }
        let removed = fixture.chat.journal.filter { $0.operation == .removeRoom }.map(\.subject)
        #expect(removed.count == 3)
        #expect(Set(removed).count == 3)
        #expect(fixture.stores.sessions.isEmpty)
    }

    @Test("a turn is short when nothing is due, and comes no sooner than the pause")
    func pause() async throws {
        let fixture = try DomainFixture()
        for _ in 0..<3 { await sweep(fixture) }
        #expect(fixture.stores.calls == ["beginSweep", "beginSweep", "beginSweep"])
        _ = try await fixture.start("bob")
        pass(Self.session, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.isEmpty)
    }

    @Test("a round is bounded; the rest has its turn in the next")
    func bounded() async throws {
        let fixture = try DomainFixture(sales: ["anna": 99])
        for number in 0..<25 { _ = try await fixture.start("n\(number)") }
        pass(Self.session, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.count == 5)
        pass(10_000, fixture)
        await sweep(fixture)
        #expect(fixture.chat.rooms.isEmpty)
    }

    @Test("a store that is away costs nothing but the round")
    func storeAway() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        for step in ["beginSweep", "renewSweep", "findRoom", "lock", "endSweep"] {
            pass(Self.session, fixture)
            fixture.stores.fail(step)
            await sweep(fixture)
        }
        pass(Self.session, fixture)
        await sweep(fixture)
        try await expectNothingLeft(fixture, answer)
    }
}
