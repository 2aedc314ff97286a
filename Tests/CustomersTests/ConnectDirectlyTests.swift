import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Connect directly")
struct ConnectDirectlyTests {
    @Test("a customer whom the tenant vouches for gets the documented account and a direct room")
    func connect() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.connect("suzhouxiaofangshuan")
        #expect(answer.account.username == "suzhouxiaofangshuan8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(answer.account.name == "suzhouxiaofangshuan")
        #expect(answer.session.kind == .direct)
        #expect(fixture.members(answer.session.rid) == [answer.account.id, answer.agentID])
        #expect(fixture.chat.owner(of: answer.token) == answer.account.id)
        #expect(answer.settings.template == "Welcome")
        #expect(answer.wait == 0)
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("a Chinese name keeps its spelling and gets a plain account name")
    func chinese() async throws {
        let answer = try await DomainFixture().connect(" 王伟 ")
        #expect(answer.account.name == "王伟")
        #expect(answer.account.username.utf8.allSatisfy { $0 < 128 })
    }

    @Test("the same name again: the same account, room and token, and no chat server call")
    func again() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.connect("bob")
        let calls = fixture.chat.journal.count
        let second = try await fixture.connect("bob")
        #expect(fixture.chat.journal.count == calls)
        #expect(second.session.rid == first.session.rid)
        #expect(second.account.id == first.account.id)
        #expect(second.userID == first.userID)
        #expect(second.token == first.token)
    }

    @Test("50 parallel calls of one name are one account and one room")
    func parallel() async throws {
        let fixture = try DomainFixture(sales: ["anna": 50], support: ["ben": 50])
        fixture.chat.hold(.openDirectRoom)
        let rooms = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.connect("bob").session.rid } }
            try await fixture.chat.waitFor(.openDirectRoom)
            fixture.chat.letGo(.openDirectRoom)
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(rooms.count == 1)
        #expect(fixture.chat.usernames.count == 1)
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test("a vouched and a claimed customer of one name are two, also after the store was lost")
    func trustLevels() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9])
        let vouched = try await fixture.connect("bob")
        let claimed = try await fixture.start("bob", group: vouched.session.rid)
        #expect(claimed.account.id != vouched.account.id)
        #expect(claimed.userID != vouched.userID)
        #expect(claimed.session.rid != vouched.session.rid)
        fixture.stores.forgetEverything()
        // The claimed one comes first this time.
        #expect(try await fixture.start("bob").account.id == claimed.account.id)
        #expect(try await fixture.connect("bob").account.id == vouched.account.id)
    }

    @Test("names that differ in letter case are two customers, also after the store was lost")
    func letterCase() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9])
        let (upper, lower) = (try await fixture.connect("Bob"), try await fixture.connect("bob"))
        #expect(upper.account.id != lower.account.id)
        #expect(upper.session.rid != lower.session.rid)
        fixture.stores.forgetEverything()
        #expect(try await fixture.connect("bob").account.id == lower.account.id)
        #expect(try await fixture.connect("Bob").account.id == upper.account.id)
    }

    @Test("an account that somebody else registered under the documented name is not taken")
    func occupied() async throws {
        let fixture = try DomainFixture()
        fixture.chat.occupy(username: "bob8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        let answer = try await fixture.connect("bob")
        #expect(answer.account.username != "bob8009bf1c-5fea-4221-b19a-fd4278fcb06f")
    }

    @Test("with documented passwords an old account is the customer's")
    func adopted() async throws {
        let fixture = try DomainFixture(passwords: .documented)
        fixture.chat.occupy(username: "bob8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(try await fixture.connect("bob").account.username == "bob8009bf1c-5fea-4221-b19a-fd4278fcb06f")
    }

    @Test("nobody online: a random agent, offline or not; all full: no room")
    func offline() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 1], support: ["ben": 1], agents: ["anna": .offline, "ben": .away])
        let agents = [try await fixture.connect("a"), try await fixture.connect("b")]
        #expect(Set(agents.map(\.agentID)) == ["agent-anna", "agent-ben"])
        #expect(agents.map(\.session.state) == [.offline, .offline])
        await #expect(throws: CustomersError.noAgent) { try await fixture.connect("c") }
        #expect(fixture.stores.totalLoad == 2)
        #expect(fixture.stores.areAllUnlocked)
    }

    @Test("a bad name has no effect", arguments: ["", "   ", "a\nb", String(repeating: "a", count: 65)])
    func badName(_ name: String) async throws {
        let fixture = try DomainFixture()
        await #expect(throws: CustomersError.invalid(["name": IdentityClaim.nameRule])) {
            try await fixture.connect(name)
        }
        #expect(fixture.chat.journal.isEmpty)
    }

    @Test(
        "a chat server that fails at any step leaves no slot behind, and the next call takes no second one",
        arguments: [ScriptedChatBackend.Operation.presence, .createCustomer, .mintToken, .openDirectRoom])
    func chatFails(_ step: ScriptedChatBackend.Operation) async throws {
        let fixture = try DomainFixture()
        fixture.chat.fail(step, .unavailable("x"))
        await #expect(throws: ChatBackendError.unavailable("x")) { try await fixture.connect("bob") }
        // Who may be in a room is counted.
        #expect(fixture.stores.totalLoad == (step == .openDirectRoom ? 1 : 0))
        #expect(fixture.stores.areAllUnlocked)
        _ = try await fixture.connect("bob")
        #expect(fixture.stores.totalLoad == 1)
    }

    @Test(
        "a store that fails at any step leaves no slot behind, and the next call succeeds",
        arguments: ["find", "lock", "take", "saveCustomer", "open"])
    func storeFails(_ step: String) async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], support: [:])
        fixture.stores.fail(step)
        await #expect(throws: StoreError.self) { try await fixture.connect("bob") }
        #expect(fixture.stores.areAllUnlocked)
        _ = try await fixture.connect("bob")
        #expect(fixture.load("anna") == 1)
    }

    @Test("a room is opened again after it was closed, with the same account")
    func reopened() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.connect("bob")
        try await fixture.close(first.session.rid)
        let second = try await fixture.connect("bob")
        #expect(second.account.id == first.account.id)
        #expect(second.token != first.token)
        #expect(fixture.chat.owner(of: second.token) == second.account.id)
        #expect(fixture.stores.totalLoad == 1)
    }
}
