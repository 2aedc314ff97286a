import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Transfer session")
struct TransferSessionTests {
    /// Whether some agent could read the room after each call since this one.
    private func hadAgentAlways(_ fixture: DomainFixture, _ rid: String, since start: Int) -> Bool {
        fixture.chat.journal.dropFirst(start).filter { $0.subject == rid }.allSatisfy { entry in
            entry.members.contains { $0.hasPrefix("agent-") }
        }
    }

    @Test("another agent of the department takes over; somebody is in the room all the time")
    func anotherAgent() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "bill": 2])
        let first = try await fixture.start("bob")
        let start = fixture.chat.journal.count
        let second = try await fixture.transfer(first.session.rid, to: .anotherAgent, as: fixture.caller(first))
        #expect(second.session.rid == first.session.rid)
        #expect(second.agentID != first.agentID)
        #expect(fixture.members(first.session.rid) == [first.account.id, second.agentID])
        #expect(fixture.stores.load(second.agentID, fixture.tenant.id) == 1)
        #expect(fixture.stores.load(first.agentID, fixture.tenant.id) == 0)
        #expect(second.token == first.token)
        #expect(second.session.state == .assigned)
        #expect(hadAgentAlways(fixture, first.session.rid, since: start))
        let operations = fixture.chat.operations.dropFirst(start)
        #expect(Array(operations) == [.addMember, .members, .removeMember])
    }

    @Test("no other agent: a conflict, and nothing changed")
    func nobody() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 2, "off": 2, "full": 0], agents: ["anna": .online, "off": .offline, "full": .online])
        let first = try await fixture.start("bob")
        let calls = fixture.chat.journal.count
        await #expect(throws: CustomersError.self) { try await fixture.transfer(first.session.rid, to: .anotherAgent) }
        #expect(fixture.chat.journal.count == calls)
        #expect(fixture.stores.session(first.session.rid, fixture.tenant.id) == first.session)
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("to a department: one of its agents, its name, its settings")
    func department() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        let start = fixture.chat.journal.count
        let second = try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        #expect(second.agentID == "agent-ben")
        #expect(second.session.rid == first.session.rid)
        #expect(second.session.groupName == "售后_bob_\(DomainFixture.support)")
        #expect(second.settings.template == "Hello from 售后")
        #expect(fixture.chat.rooms[first.session.rid]?.topic == second.session.groupName)
        #expect(hadAgentAlways(fixture, first.session.rid, since: start))
        // The room is found again where it went, and a new one is opened where it came from.
        #expect(try await fixture.start("bob", department: fixture.supportDepartment).session.rid == first.session.rid)
        #expect(try await fixture.start("bob").session.rid != first.session.rid)
    }

    @Test("to a department once more: the agent who came a moment ago stays, alone or not; later another one is meant")
    func departmentAgain() async throws {
        let fixture = try DomainFixture(support: ["ben": 2, "bea": 2])
        let first = try await fixture.start("bob")
        let target = TransferSession.Target.department(fixture.supportDepartment.id)
        let second = try await fixture.transfer(first.session.rid, to: target)
        for _ in 0..<3 { #expect(try await fixture.transfer(first.session.rid, to: target).agentID == second.agentID) }
        fixture.clock.advance(milliseconds: 61_000)
        #expect(try await fixture.transfer(first.session.rid, to: target).agentID != second.agentID)

        let alone = try DomainFixture()
        let room = try await alone.start("bob").session.rid
        for _ in 0..<2 {
            let answer = try await alone.transfer(room, to: .department(alone.supportDepartment.id))
            #expect(answer.agentID == "agent-ben")
        }
    }

    @Test("a name that cannot be changed does not fail the transfer")
    func renameFails() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.chat.fail(.renameGroup, .refused(code: "x"))
        let second = try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        #expect(second.agentID == "agent-ben")
        #expect(second.session.groupName == "售后_bob_\(DomainFixture.support)")
    }

    @Test("to a full department: it waits there while the present agent stays, and is swapped later")
    func fullDepartment() async throws {
        let fixture = try DomainFixture(support: ["ben": 1])
        let blocking = try await fixture.start("eve", department: fixture.supportDepartment)
        let first = try await fixture.start("bob")
        let start = fixture.chat.journal.count
        let second = try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        #expect(second.wait == 1)
        #expect(second.agentID.isEmpty)
        #expect(fixture.members(first.session.rid).contains("agent-anna"))
        #expect(fixture.load("anna") == 1)
        #expect(try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id)).wait == 1)
        try await fixture.close(blocking.session.rid)
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-ben"])
        #expect(fixture.load("anna") == 0)
        #expect(fixture.load("ben") == 1)
        #expect(try await fixture.start("bob", department: fixture.supportDepartment).agentID == "agent-ben")
        #expect(hadAgentAlways(fixture, first.session.rid, since: start))
    }

    @Test("a department of which nobody but the present agent is, or nobody at all, is a conflict")
    func emptyDepartment() async throws {
        for support in [["anna": 2], [:]] {
            let fixture = try DomainFixture(sales: ["anna": 2], support: support)
            let first = try await fixture.start("bob")
            await #expect(throws: CustomersError.self) {
                try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
            }
            #expect(fixture.stores.session(first.session.rid, fixture.tenant.id) == first.session)
        }
    }

    @Test("to an agent by id, in the same or another department")
    func agent() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "bill": 2])
        let first = try await fixture.start("bob")
        let other = first.agentID == "agent-anna" ? "agent-bill" : "agent-anna"
        #expect(try await fixture.transfer(first.session.rid, to: .agent(other, in: nil)).agentID == other)
        let third = try await fixture.transfer(
            first.session.rid, to: .agent("agent-ben", in: fixture.supportDepartment.id))
        #expect(third.agentID == "agent-ben")
        #expect(third.session.department == fixture.supportDepartment.id)
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("to the agent who has it already: nothing to do")
    func sameAgent() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        let calls = fixture.chat.journal.count
        #expect(
            try await fixture.transfer(first.session.rid, to: .agent("agent-anna", in: nil)).agentID == "agent-anna")
        #expect(fixture.chat.journal.count == calls)
        #expect(fixture.load("anna") == 1)
    }

    @Test("an agent of another department than the one named is invalid")
    func wrongDepartment() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        await #expect(throws: CustomersError.invalid(["agent_id": "not an agent of this department"])) {
            try await fixture.transfer(first.session.rid, to: .agent("agent-anna", in: fixture.supportDepartment.id))
        }
    }

    @Test("an unknown agent, one who is not the tenant's, an unknown department and a foreign room are all 404")
    func unknown() async throws {
        let fixture = try DomainFixture()
        fixture.chat.set("stranger", .online)
        let (bob, eve) = (try await fixture.start("bob"), try await fixture.start("eve"))
        let nowhere = try DomainFixture.departmentID("11111111-1111-4111-8111-111111111111")
        for target in [
            TransferSession.Target.agent("nobody", in: nil), .agent("agent-stranger", in: nil), .department(nowhere),
            .agent("agent-ben", in: nowhere),
        ] {
            await #expect(throws: CustomersError.notFound) { try await fixture.transfer(bob.session.rid, to: target) }
        }
        await #expect(throws: CustomersError.notFound) {
            try await fixture.transfer(bob.session.rid, to: .agent("agent-ben", in: nil), as: fixture.caller(eve))
        }
        await #expect(throws: CustomersError.notFound) { try await fixture.transfer("nonsense", to: .anotherAgent) }
        #expect(fixture.stores.totalLoad == 2)
    }

    @Test("a named agent who is full or not online is a conflict")
    func unavailable() async throws {
        let fixture = try DomainFixture(
            support: ["ben": 0, "away": 2], agents: ["anna": .online, "ben": .online, "away": .away])
        let first = try await fixture.start("bob")
        for id in ["agent-ben", "agent-away"] {
            await #expect(throws: CustomersError.self) {
                try await fixture.transfer(first.session.rid, to: .agent(id, in: nil))
            }
        }
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test(
        "whatever fails while the new agent is added: the old one keeps the room, the new one is out, the slots come right",
        arguments: [ScriptedChatBackend.Operation.addMember, .members])
    func rollBack(_ step: ScriptedChatBackend.Operation) async throws {
        for isLost in [false, true] {
            let fixture = try DomainFixture()
            let first = try await fixture.start("bob")
            let start = fixture.chat.journal.count
            isLost ? fixture.chat.loseAnswer(step) : fixture.chat.fail(step, .refused(code: "x"))
            await #expect(throws: ChatBackendError.self) {
                try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
            }
            #expect(fixture.members(first.session.rid) == [first.account.id, "agent-anna"])
            #expect(fixture.stores.session(first.session.rid, fixture.tenant.id) == first.session)
            #expect(fixture.load("anna") == 1)
            // A call that nobody waited for may yet have its effect: the reconciliation looks, and counts them until
            // then.
            #expect(fixture.load("ben") == (isLost ? 1 : 0))
            #expect(fixture.stores.visitors(first.session.rid, fixture.tenant.id) == (isLost ? ["agent-ben"] : []))
            #expect(fixture.stores.areAllUnlocked)
            #expect(hadAgentAlways(fixture, first.session.rid, since: start))
            #expect(fixture.chat.rooms[first.session.rid]?.name.hasPrefix("sales_") == true)
            await ReconcileTenant(fixture.services, store: fixture.stores)(fixture.tenant)
            #expect(fixture.load("ben") == 0)
        }
    }

    @Test("a store that fails at the decisive moment is rolled back")
    func storeFails() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.stores.fail("assign")
        await #expect(throws: StoreError.self) {
            try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        }
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-anna"])
        #expect(fixture.load("ben") == 0)
    }

    @Test("a store whose answer was lost after it handed the room over: the new agent stays, nobody else is thrown out")
    func storeAnswerLost() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.stores.loseAnswer("assign")
        await #expect(throws: StoreError.self) {
            try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        }
        #expect(fixture.stores.session(first.session.rid, fixture.tenant.id)?.agent == "agent-ben")
        #expect(fixture.members(first.session.rid).contains("agent-ben"))
        #expect(fixture.load("ben") == 1)
        // Nobody took the former one out; they count as long as they are there.
        #expect(fixture.load("anna") == 1)
        await fixture.reconcile()
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-ben"])
        #expect(fixture.load("anna") == 0)
    }

    @Test("an old agent who cannot be taken out does not fail the transfer")
    func removeFails() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.chat.fail(.removeMember, .timedOut)
        let second = try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        #expect(second.agentID == "agent-ben")
        // They are in the room, so they are counted for it, until they are taken out.
        #expect(fixture.load("anna") == 1)
        await fixture.reconcile()
        #expect(fixture.load("anna") == 0)
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-ben"])
    }

    @Test("two transfers to one agent at once leave that agent in the room, counted once")
    func parallel() async throws {
        let fixture = try DomainFixture(support: ["ben": 9])
        let first = try await fixture.start("bob")
        fixture.chat.hold(.addMember)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    _ = try? await fixture.transfer(
                        first.session.rid, to: .agent("agent-ben", in: fixture.supportDepartment.id))
                }
            }
            try? await fixture.chat.waitFor(.addMember)
            fixture.chat.letGo(.addMember)
        }
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-ben"])
        #expect(fixture.load("ben") == 1)
        #expect(fixture.load("anna") == 0)
        #expect(fixture.stores.areAllUnlocked)
    }

    @Test("a hand-over that comes second does not throw out the agent whom the first one chose")
    func overtaken() async throws {
        // Two gateways whose lock ran out: the same agent was taken twice for the room, as a queue and a transfer may
        // do.
        let fixture = try DomainFixture(support: ["ben": 9])
        let first = try await fixture.start("bob")
        let roster = try await fixture.services.agents.roster(of: fixture.tenant)
        let ben = try #require(roster.agents.first { $0.username == "ben" })
        let handOver = HandOver(services: fixture.services)
        _ = try await handOver(first.session, to: ben, as: first.session)
        await #expect(throws: CustomersError.self) { try await handOver(first.session, to: ben, as: first.session) }
        #expect(fixture.members(first.session.rid) == [first.account.id, "agent-ben"])
    }

    @Test("a direct room gets a successor; the customer finds it by the same name, and the old history stays readable")
    func direct() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2], support: ["ben": 2])
        let first = try await fixture.connect("bob")
        let second = try await fixture.transfer(first.session.rid, to: .anotherAgent)
        #expect(second.session.rid != first.session.rid)
        #expect(second.agentID != first.agentID)
        #expect(fixture.members(second.session.rid) == [first.account.id, second.agentID])
        #expect(fixture.members(first.session.rid).contains(first.agentID))
        #expect(fixture.stores.totalLoad == 1)
        #expect(try await fixture.connect("bob").session.rid == second.session.rid)
        _ = try await fixture.read(first.session.rid, as: fixture.caller(first))
        // The same call again, by who did not hear the answer, tells the new room and moves nothing.
        for target in [
            TransferSession.Target.anotherAgent, .agent(second.agentID, in: nil),
            .department(second.session.department),
        ] {
            let again = try await fixture.transfer(first.session.rid, to: target, as: fixture.caller(first))
            #expect(again.session.rid == second.session.rid && again.agentID == second.agentID)
        }
        #expect(fixture.stores.totalLoad == 1)
        // And back: the chat server has one direct room a pair.
        let third = try await fixture.transfer(second.session.rid, to: .anotherAgent)
        #expect(third.session.rid == first.session.rid)
        #expect(third.session.previous == [second.session.rid])
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("a direct room that cannot be opened leaves the old one as it is")
    func directFails() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.connect("bob")
        fixture.chat.fail(.openDirectRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) {
            try await fixture.transfer(first.session.rid, to: .anotherAgent)
        }
        #expect(fixture.stores.session(first.session.rid, fixture.tenant.id) == first.session)
        #expect(fixture.stores.totalLoad == 2, "the other one may have a room with them, until the sweep has looked")
        fixture.stores.passTime(milliseconds: 3_000)
        await SweepTenant(fixture.services, store: fixture.stores)(fixture.tenant)
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("who waits does not overtake the others by asking for another agent")
    func queueNotJumped() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], agents: ["anna": .offline])
        let first = try await fixture.start("first")
        let second = try await fixture.start("second")
        fixture.set("anna", .online)
        await #expect(throws: CustomersError.self) { try await fixture.transfer(second.session.rid, to: .anotherAgent) }
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.members(first.session.rid).contains("agent-anna"))
    }

    @Test("a paused agent is not transferred to: named it is a conflict, else somebody else or the queue")
    func paused() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "amy": 2], support: ["ben": 2])
        let first = try await fixture.start("bob")
        let other = first.agentID == "agent-anna" ? "amy" : "anna"
        for username in ["ben", other] {
            try await fixture.stores.setPaused(true, username: username, tenant: fixture.tenant.id)
        }
        await #expect(throws: CustomersError.conflict("the agent takes no new customers")) {
            try await fixture.transfer(first.session.rid, to: .agent("agent-ben", in: nil))
        }
        await #expect(throws: CustomersError.self) { try await fixture.transfer(first.session.rid, to: .anotherAgent) }
        #expect(fixture.members(first.session.rid).contains(first.agentID))
        let queued = try await fixture.transfer(first.session.rid, to: .department(fixture.supportDepartment.id))
        #expect(queued.wait == 1 && fixture.members(first.session.rid).contains(first.agentID))
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("what became of a room is in its log: who, from where, to where, why, and how it ended")
    func log() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9], support: ["ben": 1])
        let blocking = try await fixture.start("eve", department: fixture.supportDepartment)
        let rid = try await fixture.start("bob").session.rid
        _ = try await fixture.transfer(rid, to: .department(fixture.supportDepartment.id))
        fixture.chat.fail(.addMember, .refused(code: "not-allowed\tnow\nplease"))
        try await fixture.close(blocking.session.rid)
        fixture.stores.endRest()
        await fixture.serve(fixture.supportDepartment)
        _ = try await fixture.transfer(rid, to: .agent("agent-anna", in: fixture.salesDepartment.id))
        let log = fixture.stores.log(rid, fixture.tenant.id)
        #expect(log.map(\.reason) == [.transfer, .queue, .queue, .transfer])
        #expect(log.map(\.toAgent) == ["", "agent-ben", "agent-ben", "agent-anna"])
        #expect(log.map(\.fromAgent) == ["agent-anna", "agent-anna", "agent-anna", "agent-ben"])
        #expect(
            log.map(\.toDepartment)
                == [DomainFixture.support, DomainFixture.support, DomainFixture.support, DomainFixture.sales].map {
                    DepartmentID($0)
                })
        #expect(log[0].outcome == TransferRecord.queued && log[2].outcome == TransferRecord.done)
        #expect(log[1].outcome.contains("not-allowed") && !log[1].outcome.contains { $0 == "\t" || $0.isNewline })
        #expect(fixture.stores.visitors(rid, fixture.tenant.id).isEmpty)
    }

    @Test("a former agent whom the chat server does not let go remains noted as a visitor")
    func visitor() async throws {
        let fixture = try DomainFixture()
        let rid = try await fixture.start("bob").session.rid
        fixture.chat.fail(.removeMember, .unavailable("x"))
        _ = try await fixture.transfer(rid, to: .agent("agent-ben", in: nil))
        #expect(fixture.stores.visitors(rid, fixture.tenant.id) == ["agent-anna"])
    }
}
