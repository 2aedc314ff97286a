import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Reconcile a tenant")
struct ReconcileTenantTests {
    @Test("what is as it should be costs one call a room and changes nothing; the next round is a minute later")
    func nothing() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2])
        let answers = [try await fixture.start("bob"), try await fixture.start("eve"), try await fixture.start("zoe")]
        _ = try await fixture.connect("vip")
        let (rooms, calls) = (fixture.chat.rooms.mapValues(\.members), fixture.chat.journal.count)
        let sessions = Set(fixture.stores.sessions)
        await fixture.reconcile()
        await ReconcileTenant(fixture.services, store: fixture.stores)(fixture.tenant)
        #expect(fixture.chat.rooms.mapValues(\.members) == rooms && Set(fixture.stores.sessions) == sessions)
        #expect(fixture.chat.operations.dropFirst(calls) == Array(repeating: .members, count: answers.count)[...])
        #expect(fixture.tallied.repairs.isEmpty && fixture.stores.areAllUnlocked)
    }

    @Test("slots that are counted for nothing are freed, and rooms that are not counted are")
    func slots() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2])
        let answer = try await fixture.start("bob")
        fixture.stores.forgetSlots(of: answer.session.rid, fixture.tenant.id)
        for rid in ["gone", "gone too"] { fixture.stores.countWrongly(rid, for: "agent-anna", fixture.tenant.id) }
        #expect(try await fixture.start("eve").wait == 1)
        await fixture.reconcile()
        #expect(fixture.load("anna") == 1)
        #expect(Set(fixture.tallied.repairs) == [.lostSlot, .count])
        #expect(fixture.tallied.all.contains(.repair(.lostSlot, count: 2)))
        await fixture.serve(fixture.salesDepartment)
        #expect(try await fixture.start("eve").wait == 0)
    }

    @Test("a room that waits in no queue waits again")
    func queue() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline])
        let answer = try await fixture.start("bob")
        fixture.stores.forgetSlots(of: answer.session.rid, fixture.tenant.id)
        await fixture.reconcile()
        #expect(fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id) == [answer.session.rid])
        #expect(fixture.tallied.repairs == [.waitingRoom])
    }

    @Test(
        "a room whose agent was taken out at the chat server goes to another one, else to the same, else to the queue's head"
    )
    func agentTakenOut() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9, "amy": 9], agents: ["anna": .online, "amy": .offline])
        let answer = try await fixture.start("bob")
        let rid = answer.session.rid
        func takeOut(_ agent: String) async throws {
            try await fixture.services.chat.removeMember(agent, fromGroup: rid)
        }
        fixture.set("amy", .online)
        try await takeOut("agent-anna")
        await fixture.reconcile()
        #expect(fixture.members(rid) == [answer.account.id, "agent-amy"])
        #expect(fixture.load("anna") == 0 && fixture.load("amy") == 1)
        fixture.set("anna", .offline)
        try await takeOut("agent-amy")
        await fixture.reconcile()
        #expect(fixture.members(rid) == [answer.account.id, "agent-amy"] && fixture.load("amy") == 1)
        fixture.set("amy", .offline)
        let late = try await fixture.start("zoe")
        try await takeOut("agent-amy")
        await fixture.reconcile()
        #expect(fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id) == [rid, late.session.rid])
        #expect(try await fixture.start("bob").wait == 1 && fixture.stores.totalLoad == 0)
        let log = fixture.stores.log(rid, fixture.tenant.id)
        #expect(log.map(\.reason) == [.reconcile, .reconcile, .reconcile])
        #expect(log.map(\.outcome) == [TransferRecord.done, TransferRecord.done, TransferRecord.queued])
        #expect(fixture.tallied.repairs == [.agent, .agent, .agent])
        fixture.set("anna", .online)
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.members(rid) == [answer.account.id, "agent-anna"])
    }

    @Test("a room that waits for another department loses an agent who was taken out of it, and keeps its place")
    func agentOfWaitingRoom() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9], support: ["ben": 1])
        _ = try await fixture.start("eve", department: fixture.supportDepartment)
        let rid = try await fixture.start("bob").session.rid
        _ = try await fixture.transfer(rid, to: .department(fixture.supportDepartment.id))
        try await fixture.services.chat.removeMember("agent-anna", fromGroup: rid)
        await fixture.reconcile()
        #expect(fixture.load("anna") == 0)
        #expect(fixture.stores.queue(fixture.supportDepartment.id, fixture.tenant.id) == [rid])
        #expect(fixture.stores.session(rid, fixture.tenant.id)?.agent == "")
    }

    @Test("a customer who was taken out of their room is brought back")
    func customer() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        try await fixture.services.chat.removeMember(answer.account.id, fromGroup: answer.session.rid)
        await fixture.reconcile()
        #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-anna"])
        #expect(fixture.tallied.repairs == [.customer])
    }

    @Test("a room that is gone is forgotten, its agent is free for the next, and its customer gets another one")
    func room() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        let first = try await fixture.start("bob")
        let second = try await fixture.start("eve")
        #expect(second.wait == 1)
        fixture.chat.loseRoom(first.session.rid)
        await fixture.reconcile()
        #expect(fixture.members(second.session.rid).contains("agent-anna") && fixture.load("anna") == 1)
        #expect(fixture.stores.session(first.session.rid, fixture.tenant.id) == nil)
        let again = try await fixture.start(token: first.token)
        #expect(again.session.rid != first.session.rid && again.account.id == first.account.id && again.wait == 1)
        #expect(fixture.tallied.repairs == [.room])
    }

    @Test("a room that only the gateway's account cannot see is not gone; nor is one while the server is in trouble")
    func notGone() async throws {
        let fixture = try DomainFixture()
        let rid = try await fixture.start("bob").session.rid
        fixture.chat.fail(.members, .notFound)
        await fixture.reconcile()
        #expect(fixture.stores.session(rid, fixture.tenant.id)?.state == .assigned)
        fixture.chat.loseRoom(rid)
        fixture.chat.fail(.health, .refused(code: "login"))
        await fixture.reconcile()
        fixture.chat.fail(.members, .unavailable("x"))
        await fixture.reconcile()
        #expect(fixture.stores.session(rid, fixture.tenant.id)?.state == .assigned)
        #expect(fixture.tallied.repairs.isEmpty)
    }

    @Test("an agent whom a crash left in a room is taken out; the room's own agent never is")
    func visitors() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start("bob")
        let rid = answer.session.rid
        for agent in ["agent-ben", "agent-anna", "agent-not-there"] {
            try await fixture.stores.noteVisitor(agent, isIn: true, rid: rid, tenant: fixture.tenant.id)
        }
        try await fixture.services.chat.addMember("agent-ben", toGroup: rid)
        try await fixture.services.chat.addMember("somebody invited", toGroup: rid)
        await fixture.reconcile()
        #expect(fixture.members(rid) == [answer.account.id, "agent-anna", "somebody invited"])
        #expect(fixture.stores.visitors(rid, fixture.tenant.id).isEmpty)
        #expect(fixture.tallied.repairs == [.visitor])
    }

    @Test("a room that a call has in hand is left alone")
    func inACallsHand() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9, "amy": 9], agents: ["anna": .online, "amy": .offline])
        let answer = try await fixture.start("bob")
        fixture.set("amy", .online)
        try await fixture.services.chat.removeMember("agent-anna", fromGroup: answer.session.rid)
        _ = try await fixture.stores.lock(answer.session.customer)
        await fixture.reconcile()
        #expect(fixture.members(answer.session.rid) == [answer.account.id])
        fixture.stores.expireLocks()
        await fixture.reconcile()
        #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-amy"])
    }

    @Test("a room into which an agent is on the way is left alone")
    func agentOnTheWay() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9], agents: ["anna": .offline])
        let answer = try await fixture.start("eve")
        fixture.set("anna", .online)
        fixture.chat.hold(.addMember)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fixture.serve(fixture.salesDepartment) }
            try? await fixture.chat.waitFor(.addMember)
            await fixture.reconcile()
            #expect(fixture.chat.count(.members) == 0 && fixture.chat.count(.removeMember) == 0)
            fixture.chat.letGo(.addMember)
        }
        #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-anna"] && fixture.load("anna") == 1)
        #expect(fixture.tallied.repairs.isEmpty)
    }
}
