import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Serve queue")
struct ServeQueueTests {
    private func waiting(_ fixture: DomainFixture) -> [String] {
        fixture.stores.queue(fixture.salesDepartment.id, fixture.tenant.id)
    }

    /// A fixture with nobody online and these customers waiting.
    private func fixture(
        capacity: Int = 9, waiting names: String...
    ) async throws -> (fixture: DomainFixture, rooms: [String]) {
        let fixture = try DomainFixture(sales: ["anna": capacity], agents: ["anna": .offline])
        var rooms: [String] = []
        for name in names { rooms.append(try await fixture.start(name).session.rid) }
        fixture.set("anna", .online)
        return (fixture, rooms)
    }

    @Test("first come, first served, up to the agents' capacity")
    func inOrder() async throws {
        let (fixture, rooms) = try await fixture(capacity: 2, waiting: "a", "b", "c")
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture) == [rooms[2]])
        #expect(rooms.map { fixture.members($0).contains("agent-anna") } == [true, true, false])
        #expect(fixture.load("anna") == 2)
        #expect(try await fixture.start("c").wait == 1)
    }

    @Test("an empty queue and a department without agents online cost no chat server call")
    func nothing() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline])
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.chat.journal.isEmpty)
    }

    @Test("a room that cannot be given to anybody does not hold up the others, and is tried again after a rest")
    func poisoned() async throws {
        let (fixture, rooms) = try await fixture(waiting: "a", "b", "c")
        fixture.chat.loseRoom(rooms[0])
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture) == [rooms[0]])
        #expect(fixture.members(rooms[1]).contains("agent-anna"))
        #expect(fixture.members(rooms[2]).contains("agent-anna"))
        #expect(fixture.load("anna") == 2)
        let tries = fixture.chat.count(.addMember)
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.chat.count(.addMember) == tries)
        fixture.stores.endRest()
        await fixture.serve(fixture.salesDepartment)
        #expect(fixture.chat.count(.addMember) == tries + 1)
        #expect(fixture.load("anna") == 2)
    }

    @Test(
        "a chat server in trouble changes nothing: the order stays, and no slot is lost",
        arguments: [ChatBackendError.unavailable("x"), .timedOut, .rateLimited(retryAfter: 3)])
    func trouble(_ error: ChatBackendError) async throws {
        let (fixture, rooms) = try await fixture(waiting: "a", "b")
        fixture.chat.fail(.addMember, error)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture) == rooms)
        // One that is slow may yet put them in.
        #expect(fixture.load("anna") == (error == .timedOut ? 1 : 0))
        #expect(fixture.chat.count(.addMember) == 1)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture).isEmpty)
        #expect(fixture.load("anna") == 2)
    }

    @Test("two gateways serve one queue: every room once")
    func twoGateways() async throws {
        let (fixture, rooms) = try await fixture(waiting: "a", "b", "c", "d")
        fixture.chat.hold(.addMember)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await fixture.serve(fixture.salesDepartment) } }
            try? await fixture.chat.waitFor(.addMember, count: 4)
            fixture.chat.letGo(.addMember)
        }
        #expect(waiting(fixture).isEmpty)
        #expect(fixture.chat.journal.filter { $0.operation == .addMember }.map(\.subject).sorted() == rooms.sorted())
        #expect(fixture.load("anna") == 4)
    }

    @Test("a customer who closes while being served frees the agent again, and not before the room is gone")
    func closedMeanwhile() async throws {
        let (fixture, rooms) = try await fixture(waiting: "a")
        let load = WaitableState(-1)
        fixture.stores.before("finishClose") { load.change { $0 = fixture.load("anna") } }
        fixture.chat.hold(.addMember)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fixture.serve(fixture.salesDepartment) }
            try? await fixture.chat.waitFor(.addMember)
            try? await fixture.close(rooms[0])
            fixture.chat.letGo(.addMember)
        }
        #expect(load.now == 1)
        #expect(fixture.load("anna") == 0)
        #expect(fixture.chat.rooms.isEmpty)
        #expect(waiting(fixture).isEmpty)
    }

    @Test("a room that has an agent is passed over when only that agent is free")
    func ownAgent() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 2], support: ["anna": 2, "ben": 1], agents: ["anna": .online, "ben": .online])
        let blocking = try await fixture.start("eve", department: fixture.supportDepartment)
        if blocking.agentID == "agent-anna" {
            _ = try await fixture.transfer(blocking.session.rid, to: .agent("agent-ben", in: nil))
        }
        let bob = try await fixture.start("bob")
        #expect(try await fixture.transfer(bob.session.rid, to: .department(fixture.supportDepartment.id)).wait == 1)
        let next = try await fixture.start("joe", department: fixture.supportDepartment)
        #expect(next.agentID == "agent-anna")
    }

    @Test("the queue waits for a paused agent, and is served once they are resumed")
    func paused() async throws {
        let (fixture, rooms) = try await fixture(waiting: "a", "b")
        try await fixture.stores.setPaused(true, username: "anna", tenant: fixture.tenant.id)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture) == rooms)
        try await fixture.stores.setPaused(false, username: "anna", tenant: fixture.tenant.id)
        await fixture.serve(fixture.salesDepartment)
        #expect(waiting(fixture).isEmpty)
    }

    @Test("wait_seconds is unknown, then the department's pace times the place, and 0 with an agent")
    func waitSeconds() async throws {
        let (fixture, _) = try await fixture(capacity: 1, waiting: "a", "b", "c")
        fixture.set("anna", .offline)
        #expect(try await fixture.start("c").waitSeconds == nil)
        fixture.stores.passTime(milliseconds: 30_000)
        fixture.set("anna", .online)
        await fixture.serve(fixture.salesDepartment)
        #expect(try await fixture.start("a").waitSeconds == 0)
        let b = try await fixture.start("b")
        #expect(b.wait == 1 && b.waitSeconds == 30)
        #expect(try await fixture.start("c").waitSeconds == 60)
        #expect(try await fixture.start("d").waitSeconds == 90)
        fixture.stores.passTime(milliseconds: 50_000)
        try await fixture.close(try await fixture.start("a").session.rid)
        // b waited 80 s from place 2: 40 s a place, which counts for a fifth beside 30 s.
        #expect(try await fixture.start("c").waitSeconds == 32)
    }
}
