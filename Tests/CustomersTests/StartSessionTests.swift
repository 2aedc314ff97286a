import ChatBackend
@testable import Customers
import Testing
import TestSupport

@Suite("Start session")
struct StartSessionTests {
    @Test("a guest gets account, room, agent, token and the department's settings")
    func guest() async throws {
        let fixture = try DomainFixture()
        let answer = try await fixture.start()
        #expect(answer.session.customer.tenant == fixture.tenant.id)
        #expect(answer.account.name.hasPrefix("u"))
        #expect(answer.agentID == "agent-anna")
        #expect(answer.session.state == .assigned)
        #expect(answer.wait == 0)
        #expect(!answer.isResumed)
        #expect(answer.settings.template == "Hello from sales")
        #expect(answer.session.groupName == "sales_\(answer.account.name)_\(DomainFixture.sales)")
        #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-anna"])
        #expect(fixture.chat.owner(of: answer.token) == answer.account.id)
        #expect(TenantID(answer.userID) != nil)
        #expect(fixture.load("anna") == 1)
        #expect(fixture.stores.areAllUnlocked)
    }

    @Test("guests are strangers to each other")
    func guests() async throws {
        let fixture = try DomainFixture()
        let (first, second) = (try await fixture.start(), try await fixture.start())
        #expect(first.account.id != second.account.id)
        #expect(first.session.rid != second.session.rid)
        #expect(first.userID != second.userID)
    }

    @Test("a cold start is three chat server calls in a row at most: presence and account, token and group")
    func coldCalls() async throws {
        let fixture = try DomainFixture()
        _ = try await fixture.start()
        #expect(Set(fixture.chat.operations) == [.presence, .createCustomer, .mintToken, .openGroup])
        #expect(fixture.chat.journal.count == 4)
    }

    @Test("a resume makes no chat server call, and gives the same of everything")
    func resume() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("王伟")
        let calls = fixture.chat.journal.count
        let second = try await fixture.start("王伟")
        #expect(fixture.chat.journal.count == calls)
        #expect(second.isResumed)
        #expect(second.session.rid == first.session.rid)
        #expect(second.account.id == first.account.id)
        #expect(second.userID == first.userID)
        #expect(second.token == first.token)
        #expect(second.agentID == first.agentID)
        #expect(fixture.load("anna") == 1)
    }

    @Test("a guest resumes with the chat token, with or without naming the room")
    func guestResumes() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start()
        let named = try await fixture.start(token: first.token, group: first.session.rid)
        let unnamed = try await fixture.start(token: first.token)
        #expect(named.session.rid == first.session.rid)
        #expect(unnamed.session.rid == first.session.rid)
        #expect(named.account.id == first.account.id)
    }

    @Test("a room's id alone opens nothing")
    func guessedRoom() async throws {
        let fixture = try DomainFixture()
        let victim = try await fixture.start("victim")
        let guest = try await fixture.start(group: victim.session.rid)
        #expect(guest.session.rid != victim.session.rid)
        #expect(guest.account.id != victim.account.id)
        let other = try await fixture.start("other", group: victim.session.rid)
        #expect(other.session.rid != victim.session.rid)
        #expect(other.token != victim.token)
    }

    @Test("a name does not open a guest's room, even the guest's own name")
    func guestsName() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9])
        let guest = try await fixture.start()
        let claimed = try await fixture.start(guest.account.name, group: guest.session.rid)
        #expect(claimed.account.id != guest.account.id)
        #expect(claimed.session.rid != guest.session.rid)
    }

    @Test("a token opens its room for a caller who gives another name; without the room the name counts")
    func tokenWithOtherName() async throws {
        let fixture = try DomainFixture(sales: ["anna": 9])
        let guest = try await fixture.start()
        let named = try await fixture.start("bob", token: guest.token, group: guest.session.rid)
        #expect(named.session.rid == guest.session.rid)
        #expect(named.account.id == guest.account.id)
        let bob = try await fixture.start("bob", token: guest.token)
        #expect(bob.account.id != guest.account.id)
    }

    @Test("another tenant's token, an unknown one and one that was logged out are nobody's")
    func foreignToken() async throws {
        var fixture = try DomainFixture(sales: ["anna": 9])
        let first = try await fixture.start()
        let other = fixture.tenant
        fixture.tenant.id = try DomainFixture.id("11111111-1111-4111-8111-111111111111")
        let foreign = try await fixture.start(token: first.token, group: first.session.rid)
        #expect(foreign.account.id != first.account.id)
        #expect(foreign.session.rid != first.session.rid)
        fixture.tenant = other
        #expect(try await fixture.start(token: "nonsense").account.id != first.account.id)
        try await fixture.close(first.session.rid, as: fixture.caller(first))
        #expect(try await fixture.start(token: first.token).account.id != first.account.id)
    }

    @Test("a stale room id is no error: a new room is opened")
    func staleRoom() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        try await fixture.close(first.session.rid)
        let second = try await fixture.start("bob", group: first.session.rid)
        #expect(second.session.rid != first.session.rid)
        #expect(second.account.id == first.account.id)
        #expect(second.userID == first.userID)
        #expect(!second.isResumed)
    }

    @Test("each department has its own room; a group id leads to the one it names")
    func departments() async throws {
        let fixture = try DomainFixture()
        let sales = try await fixture.start("bob")
        let support = try await fixture.start("bob", department: fixture.supportDepartment)
        #expect(sales.session.rid != support.session.rid)
        #expect(support.settings.template == "Hello from 售后")
        let back = try await fixture.start("bob", department: fixture.supportDepartment, group: sales.session.rid)
        #expect(back.session.rid == sales.session.rid)
        #expect(back.settings.template == "Hello from sales")
    }

    @Test("50 parallel calls of one name are one account and one room")
    func parallel() async throws {
        let fixture = try DomainFixture(sales: ["anna": 99])
        fixture.chat.hold(.openGroup)
        let rooms = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.start("bob").session.rid } }
            try await fixture.chat.waitFor(.openGroup)
            fixture.chat.letGo(.openGroup)
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(rooms.count == 1)
        #expect(fixture.chat.usernames.count == 1)
        #expect(fixture.chat.rooms.count == 1)
        #expect(fixture.chat.count(.mintToken) == 1)
        #expect(fixture.load("anna") == 1)
        #expect(fixture.stores.areAllUnlocked)
    }

    @Test(
        "a chat server that fails at any step leaves no slot and no lock behind, and the next call takes no second one",
        arguments: [ScriptedChatBackend.Operation.presence, .createCustomer, .mintToken, .openGroup])
    func chatFails(_ step: ScriptedChatBackend.Operation) async throws {
        for error in [ChatBackendError.unavailable("x"), .timedOut, .refused(code: "x"), .contract("x")] {
            let fixture = try DomainFixture()
            fixture.chat.fail(step, error)
            await #expect(throws: error) { try await fixture.start("bob") }
            // The room is made beside the token: who may be in it is counted.
            #expect(fixture.stores.totalLoad == ([.openGroup, .mintToken].contains(step) ? 1 : 0))
            #expect(fixture.stores.areAllUnlocked)
            let answer = try await fixture.start("bob")
            #expect(answer.agentID == "agent-anna")
            #expect(fixture.load("anna") == 1)
            #expect(fixture.chat.rooms.count == 1)
        }
    }

    @Test("an answer that is lost leads to the same account and room the next time")
    func answerLost() async throws {
        for step in [ScriptedChatBackend.Operation.createCustomer, .openGroup] {
            let fixture = try DomainFixture()
            fixture.chat.loseAnswer(step)
            await #expect(throws: ChatBackendError.timedOut) { try await fixture.start("bob") }
            let answer = try await fixture.start("bob")
            #expect(fixture.chat.rooms.count == 1)
            #expect(fixture.chat.usernames.count == 1)
            #expect(fixture.members(answer.session.rid) == [answer.account.id, "agent-anna"])
            #expect(fixture.load("anna") == 1)
        }
    }

    @Test(
        "a store that fails at any step leaves no slot behind, and the next call succeeds",
        arguments: ["owner", "find", "lock", "presence", "savePresence", "take", "saveCustomer", "open"])
    func storeFails(_ step: String) async throws {
        let fixture = try DomainFixture()
        fixture.stores.fail(step)
        await #expect(throws: StoreError.self) { try await fixture.start("bob", token: "x") }
        #expect(fixture.stores.areAllUnlocked)
        let answer = try await fixture.start("bob")
        #expect(answer.agentID == "agent-anna")
        #expect(fixture.load("anna") == 1)
        #expect(fixture.chat.rooms.count == 1)
    }

    @Test("a store's answer that is lost counts no agent twice", arguments: ["saveCustomer", "open"])
    func storeAnswerLost(_ step: String) async throws {
        let fixture = try DomainFixture()
        fixture.stores.loseAnswer(step)
        await #expect(throws: StoreError.self) { try await fixture.start("bob") }
        _ = try await fixture.start("bob")
        #expect(fixture.load("anna") == 1)
        #expect(fixture.chat.rooms.count == 1)
    }

    @Test("after the store was lost the same customer finds account, ids, room and agent again")
    func storeLost() async throws {
        let fixture = try DomainFixture(sales: ["anna": 2, "bill": 2])
        let first = try await fixture.start("王伟")
        fixture.stores.forgetEverything()
        let second = try await fixture.start("王伟")
        #expect(second.session.rid == first.session.rid)
        #expect(second.account.id == first.account.id)
        #expect(second.userID == first.userID)
        #expect(second.agentID == first.agentID)
        #expect(fixture.stores.totalLoad == 1)
        #expect(fixture.members(second.session.rid).count == 2)
    }

    @Test("all busy: the room exists, waits in order, and the customer is told the place")
    func waiting() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1])
        _ = try await fixture.start("first")
        let second = try await fixture.start("second")
        let third = try await fixture.start("third")
        #expect([second.wait, third.wait] == [1, 2])
        #expect([second.session.state, third.session.state] == [.waiting, .waiting])
        #expect(second.agentID.isEmpty)
        #expect(fixture.members(second.session.rid) == [second.account.id])
        #expect(try await fixture.start("third").wait == 2)
        #expect(try await fixture.start("second").wait == 1)
    }

    @Test("a newcomer does not overtake those who wait when somebody comes online")
    func notJumped() async throws {
        let fixture = try DomainFixture(sales: ["anna": 1], agents: ["anna": .offline, "ben": .online])
        let first = try await fixture.start("first")
        #expect(first.wait == 1)
        fixture.set("anna", .online)
        let second = try await fixture.start("second")
        #expect(second.wait == 1)
        #expect(try await fixture.start("first").agentID == "agent-anna")
        #expect(fixture.members(first.session.rid).contains("agent-anna"))
    }

    @Test("the one who waits alone is served by calling again")
    func refresh() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline])
        let first = try await fixture.start("bob")
        #expect(first.session.state == .waiting)
        fixture.set("anna", .online)
        let again = try await fixture.start("bob")
        #expect(again.session.state == .assigned)
        #expect(again.agentID == "agent-anna")
        #expect(again.wait == 0)
        #expect(fixture.load("anna") == 1)
    }

    @Test("an offline agent gets the room where the tenant says so")
    func assignOffline() async throws {
        let fixture = try DomainFixture(agents: ["anna": .offline], whenOffline: .assign)
        let answer = try await fixture.start("bob")
        #expect(answer.session.state == .offline)
        #expect(answer.agentID == "agent-anna")
        #expect(answer.wait == 0)
    }

    @Test("a close that was cut short is finished before a new room is opened")
    func finishesClose() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.chat.fail(.removeRoom, .timedOut)
        await #expect(throws: ChatBackendError.timedOut) { try await fixture.close(first.session.rid) }
        let second = try await fixture.start("bob")
        #expect(second.session.rid != first.session.rid)
        #expect(fixture.chat.rooms[first.session.rid] == nil)
        #expect(fixture.load("anna") == 1)
    }

    @Test("a token is replaced well before the chat server ends it")
    func oldToken() async throws {
        let fixture = try DomainFixture()
        let first = try await fixture.start("bob")
        fixture.clock.advance(milliseconds: 60 * 86_400_000)
        let second = try await fixture.start("bob")
        #expect(second.token != first.token)
        #expect(second.session.rid == first.session.rid)
        #expect(fixture.chat.owner(of: second.token) == second.account.id)
    }

    @Test("one address is held back, and does not use up its tenant's calls")
    func limits() async throws {
        let fixture = try DomainFixture(
            sales: ["anna": 99], perAddress: RateLimit(count: 2, seconds: 60),
            perTenant: RateLimit(count: 5, seconds: 60))
        _ = try await fixture.start("bob")
        _ = try await fixture.start("bob")
        for _ in 0..<9 {
            await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) { try await fixture.start("bob") }
        }
        for number in 2...4 { _ = try await fixture.start("bob", address: "192.0.2.\(number)") }
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) {
            try await fixture.start("bob", address: "192.0.2.9")
        }
        #expect(fixture.chat.rooms.count == 1)
    }

    @Test("a caller who is held back has no effect at the chat server")
    func limitedHasNoEffect() async throws {
        let fixture = try DomainFixture(perAddress: RateLimit(count: 0, seconds: 60))
        await #expect(throws: CustomersError.tooManyRequests(retryAfter: 60)) { try await fixture.start() }
        #expect(fixture.chat.journal.isEmpty)
    }

    @Test("a bare name where names must be signed has no effect")
    func unsigned() async throws {
        let fixture = try DomainFixture(identity: .signed(secret: Array("s".utf8)))
        await #expect(throws: CustomersError.unauthorized) { try await fixture.start("bob") }
        #expect(fixture.chat.journal.isEmpty)
        #expect(try await fixture.start().account.name.hasPrefix("u"))
    }

    @Test("whoever took the account name at the chat server first is not handed the customer")
    func occupied() async throws {
        let fixture = try DomainFixture()
        let name = try #require(CustomerName("bob"))
        let key = CustomerKey(tenant: fixture.tenant.id, trust: .claimed, name: name)
        let names = fixture.services.naming.accounts(for: key).map(\.username)
        fixture.chat.occupy(username: names[0])
        #expect(try await fixture.start("bob").account.username == names[1])
        let other = try DomainFixture()
        for username in names { other.chat.occupy(username: username) }
        await #expect(throws: ChatBackendError.alreadyExists) { try await other.start("bob") }
        #expect(other.stores.totalLoad == 0)
    }

    @Test("a token that is handed out again is known again, whatever the store has lost; one that was ended is not")
    func tokenKept() async throws {
        let fixture = try DomainFixture()
        for session in [try await fixture.start("bob"), try await fixture.connect("ann")] {
            let digest = ChatTokenDigest(session.token).text
            fixture.stores.loseToken(digest)
            let again =
                session.session.kind == .group ? try await fixture.start("bob") : try await fixture.connect("ann")
            #expect(again.token == session.token)
            #expect(try await fixture.stores.owner(ofToken: digest)?.isLive == true)
            try await fixture.stores.retireToken(digest, of: session.session.customer)
            _ = session.session.kind == .group ? try await fixture.start("bob") : try await fixture.connect("ann")
            #expect(try await fixture.stores.owner(ofToken: digest)?.isLive == false)
        }
    }

    @Test("with another server key known customers get another account; those in a group are in it again")
    func otherServerKey() async throws {
        let fixture = try DomainFixture()
        let group = try await fixture.start("bob")
        let direct = try await fixture.connect("ann")
        fixture.chat.refusesPasswords(of: [group.account.username, direct.account.username])
        var after = fixture
        after.services = fixture.services.with(serverKey: Array(repeating: 8, count: 32))
        for _ in 0..<2 {
            let bob = try await after.start("bob")
            #expect(bob.session.rid == group.session.rid && bob.account.id != group.account.id && bob.isResumed)
            #expect(fixture.members(bob.session.rid).contains(bob.account.id))
            let ann = try await after.connect("ann")
            #expect(ann.session.rid != direct.session.rid && ann.account.id != direct.account.id)
        }
        #expect(fixture.stores.totalLoad == 2)
    }
}
