import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Reassign rooms")
struct ReassignRoomsTests {
    /// Anna has rooms of these customers and goes; amy is there, but for now not in the tenant's sales.
    private func fixture(
        _ names: String..., amy: PresenceStatus = .offline, capacity: Int = 9, whenOffline: OfflinePolicy = .queue
    ) async throws -> (fixture: DomainFixture, answers: [SessionAnswer]) {
        let fixture = try DomainFixture(
            sales: ["anna": 9, "amy": capacity], agents: ["anna": .online, "amy": .offline, "ben": .online],
            whenOffline: whenOffline)
        var answers: [SessionAnswer] = []
        for name in names {
            answers.append(try await fixture.start(name))
            fixture.clock.advance(milliseconds: 1_000)
        }
        fixture.set("anna", .offline)
        fixture.set("amy", amy)
        await ReassignRooms(fixture.services)(fixture.tenant)
        return (fixture, answers)
    }

    private func waiting(_ fixture: DomainFixture) -> [String] {
        fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id)
    }

    @Test("an agent who stays away loses their rooms to another one, not before the time is up")
    func replaced() async throws {
        let (fixture, answers) = try await fixture("bob", "eve", amy: .online)
        await fixture.reassign()
        #expect(answers.allSatisfy { fixture.members($0.session.rid).contains("agent-anna") })
        await fixture.reassign()
        for answer in answers {
            #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-amy"])
            #expect(fixture.stores.session(answer.session.rid, fixture.tenant.id)?.state == .assigned)
            let log = fixture.stores.log(answer.session.rid, fixture.tenant.id)
            #expect(log.map(\.reason) == [.reassign] && log.map(\.outcome) == [TransferRecord.done])
            #expect(log.map(\.fromAgent) == ["agent-anna"] && log.map(\.toAgent) == ["agent-amy"])
        }
        #expect(fixture.load("anna") == 0 && fixture.load("amy") == 2)
        #expect(try await fixture.start("bob").agentID == "agent-amy")
    }

    @Test("whether agents have rooms who may go is known without a turn, and nobody is watched where rooms stay")
    func watched() async throws {
        let fixture = try DomainFixture()
        #expect(await !ReassignRooms(fixture.services)(fixture.tenant))
        _ = try await fixture.start("bob")
        for _ in 0..<2 { #expect(await ReassignRooms(fixture.services)(fixture.tenant)) }
        var tenant = fixture.tenant
        tenant.reassignAfter = 0
        #expect(await !ReassignRooms(fixture.services)(tenant))
    }

    @Test("who comes back in time keeps their rooms, and the time begins anew")
    func cameBack() async throws {
        let (fixture, answers) = try await fixture("bob", amy: .online)
        await fixture.reassign()
        fixture.set("anna", .busy)
        await fixture.reassign()
        fixture.set("anna", .offline)
        for _ in 0..<2 { await fixture.reassign() }
        #expect(fixture.members(answers[0].session.rid).contains("agent-anna"))
        await fixture.reassign()
        #expect(fixture.members(answers[0].session.rid) == [answers[0].account.id, "agent-amy"])
    }

    @Test("with nobody free they go to the head of the queue in their order, and the agent stays in the room")
    func headOfTheQueue() async throws {
        let (fixture, answers) = try await fixture("bob", "eve")
        let late = try await fixture.start("zoe")
        #expect(late.wait == 1)
        for _ in 0..<2 { await fixture.reassign() }
        #expect(waiting(fixture) == answers.map(\.session.rid) + [late.session.rid])
        #expect(answers.allSatisfy { fixture.members($0.session.rid).contains("agent-anna") })
        let again = try await fixture.start("bob")
        #expect(again.wait == 1 && again.agentID.isEmpty && again.session.state == .waiting)
        #expect(try await fixture.start("zoe").wait == 3)
        fixture.set("amy", .online)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture).isEmpty)
        #expect(answers.allSatisfy { fixture.members($0.session.rid) == [$0.account.id, "agent-amy"] })
        #expect(fixture.load("anna") == 0 && fixture.load("amy") == 3)
    }

    @Test("an agent who comes back before anybody else takes it has the room again, counted once")
    func hasItAgain() async throws {
        let (fixture, answers) = try await fixture("bob")
        for _ in 0..<2 { await fixture.reassign() }
        #expect(waiting(fixture) == [answers[0].session.rid])
        fixture.set("anna", .online)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture).isEmpty)
        #expect(fixture.members(answers[0].session.rid) == [answers[0].account.id, "agent-anna"])
        #expect(fixture.load("anna") == 1)
        #expect(try await fixture.start("bob").agentID == "agent-anna")
    }

    @Test("a room whose waiting ends otherwise leaves nobody counted")
    func closedWhileReturning() async throws {
        let (fixture, answers) = try await fixture("bob")
        for _ in 0..<2 { await fixture.reassign() }
        fixture.set("anna", .online)
        fixture.chat.hold(.addMember)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fixture.serve(fixture.salesDepartment) }
            try? await fixture.chat.waitFor(.addMember)
            try? await fixture.close(answers[0].session.rid)
            fixture.chat.letGo(.addMember)
        }
        #expect(fixture.stores.totalLoad == 0)
    }

    @Test("while the chat server does not say who is there, nobody is taken for away")
    func unknown() async throws {
        let (fixture, answers) = try await fixture("bob", amy: .online)
        fixture.chat.fail(.presence, .unavailable("down"), times: 9)
        for _ in 0..<5 { await fixture.reassign() }
        #expect(fixture.members(answers[0].session.rid).contains("agent-anna"))
    }

    @Test("a chat server that refuses the other agent changes nothing, and the next round tries again")
    func refused() async throws {
        let (fixture, answers) = try await fixture("bob", amy: .online)
        await fixture.reassign()
        fixture.chat.fail(.addMember, .refused(code: "no"))
        await fixture.reassign()
        #expect(fixture.members(answers[0].session.rid) == [answers[0].account.id, "agent-anna"])
        #expect(fixture.load("amy") == 0 && fixture.load("anna") == 1)
        await fixture.reassign()
        #expect(fixture.members(answers[0].session.rid) == [answers[0].account.id, "agent-amy"])
        let outcomes = fixture.stores.log(answers[0].session.rid, fixture.tenant.id).map(\.outcome)
        #expect(outcomes.count == 2 && outcomes[0].contains("refuses") && outcomes[1] == TransferRecord.done)
        #expect(fixture.stores.visitors(answers[0].session.rid, fixture.tenant.id).isEmpty)
    }

    @Test("0 turns it off; a room in the hands of a call is left alone")
    func leftAlone() async throws {
        var (fixture, answers) = try await fixture("bob", amy: .online)
        fixture.tenant.reassignAfter = 0
        for _ in 0..<3 { await fixture.reassign() }
        fixture.tenant.reassignAfter = 120
        _ = try await fixture.stores.lock(answers[0].session.customer)
        for _ in 0..<3 { await fixture.reassign() }
        #expect(fixture.members(answers[0].session.rid).contains("agent-anna"))
    }

    @Test("with when_offline: assign a room is given to who is there, and never sent to the queue")
    func assignOffline() async throws {
        let (fixture, answers) = try await fixture("bob", whenOffline: .assign)
        for _ in 0..<3 { await fixture.reassign() }
        #expect(waiting(fixture).isEmpty && fixture.members(answers[0].session.rid).contains("agent-anna"))
        fixture.set("amy", .online)
        await fixture.reassign()
        #expect(fixture.members(answers[0].session.rid) == [answers[0].account.id, "agent-amy"])
    }

    @Test("a direct room is replaced at the customer's next call, which learns the new one; until then it stays")
    func direct() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 9], support: ["ben": 9], agents: ["anna": .online, "ben": .offline])
        let first = try await fixture.connect("bob")
        fixture.set("anna", .offline)
        await ReassignRooms(fixture.services)(fixture.tenant)
        for _ in 0..<3 { await fixture.reassign() }
        #expect(fixture.chat.rooms.count == 1)
        #expect(try await fixture.connect("bob").session.rid == first.session.rid)
        fixture.set("ben", .online)
        let second = try await fixture.connect("bob")
        #expect(second.session.rid != first.session.rid && second.agentID == "agent-ben")
        #expect(try await fixture.connect("bob").session.rid == second.session.rid)
        #expect(fixture.load("anna") == 0 && fixture.load("ben") == 1)
        #expect(fixture.stores.log(second.session.rid, fixture.tenant.id).map(\.reason) == [.reassign])
    }
}
