import ChatBackend
import Customers
@testable import CustomersRedis
import Logging
import RedisClient
import Synchronization
import Testing
import TestSupport

@Suite("Sweep in Redis")
struct RedisSweepStoreTests {
    private static let hour: Int64 = 3_600_000
    private static let ages: [SweepRule: Int64] = [.closing: 30_000, .waiting: hour, .open: 24 * hour]

    private func sweep(_ fixture: RedisFixture, _ gateway: Int = 0) -> RedisSweepStore {
        RedisSweepStore(fixture.clients[gateway])
    }

    private func key(_ fixture: RedisFixture, _ name: String) -> String { "cg:{\(fixture.tenant)}:\(name)" }

    /// The rooms in a rule's list.
    private func list(_ fixture: RedisFixture, _ rule: SweepRule) async throws -> [String] {
        (try await fixture.redis("ZRANGE", key(fixture, rule.rawValue), "0", "-1").array ?? []).compactMap(\.text)
    }

    /// Makes a room in a rule's list older, as time does.
    private func age(_ fixture: RedisFixture, _ rid: String, _ rule: SweepRule, by milliseconds: Int64) async throws {
        _ = try await fixture.redis("ZINCRBY", key(fixture, rule.rawValue), "\(-milliseconds)", rid)
    }

    private func begin(
        _ fixture: RedisFixture, _ ages: [SweepRule: Int64] = ages, limit: Int = 20, gateway: Int = 0
    ) async throws -> SweepTurn? {
        try await sweep(fixture, gateway).begin(tenant: fixture.tenant, ages: ages, limit: limit)
    }

    private func freeTurn(_ fixture: RedisFixture) async throws {
        _ = try await fixture.redis("DEL", key(fixture, "lease:sweep"))
    }

    // MARK: The lists

    @Test("every step of a room's life keeps the lists")
    func lists() async throws {
        let fixture = try await RedisFixture()
        let rooms = fixture.rooms()
        let former = try await fixture.open("r1")
        #expect(try await list(fixture, .open) == ["r1"])
        #expect(try await list(fixture, .waiting) == ["r1"])
        _ = try await fixture.take(["a": 1])
        var session = former
        (session.agent, session.state) = ("a", .assigned)
        #expect(try await rooms.assign(session, from: former))
        #expect(try await list(fixture, .open) == ["r1"])
        #expect(try await list(fixture, .waiting) == [])
        var waiting = session
        (waiting.state, waiting.department) = (.waiting, fixture.support)
        #expect(try await rooms.enqueue(waiting) == 1)
        #expect(try await list(fixture, .waiting) == [], "its agent is still there")
        let closing = try #require(try await rooms.beginClose("r1", tenant: fixture.tenant))
        #expect(try await list(fixture, .open) == [])
        #expect(try await list(fixture, .closing) == ["r1"])
        try await rooms.finishClose(closing, archived: false)
        #expect(try await list(fixture, .closing) == [])
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test("a room that leaves the queue by being closed leaves the list of those who wait; archived ones are in none")
    func closedWhileWaiting() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        let closing = try #require(try await fixture.rooms().beginClose("r1", tenant: fixture.tenant))
        #expect(try await list(fixture, .waiting) == [])
        try await fixture.rooms().finishClose(closing, archived: true)
        for rule in SweepRule.allCases { #expect(try await list(fixture, rule) == []) }
    }

    @Test("a direct room's successor takes its place; a room opened anew is not closing any more")
    func successor() async throws {
        let fixture = try await RedisFixture()
        let former = try await fixture.open("d1", kind: .direct, agent: "a")
        _ = try await fixture.rooms().open(fixture.session("d2", kind: .direct, agent: "b"))
        _ = try await fixture.rooms().beginClose("d2", tenant: fixture.tenant)
        _ = try await fixture.take(["b": 9], for: try fixture.key().stored.hash)
        let session = try fixture.session("d2", kind: .direct, agent: "b", previous: ["d1"])
        #expect(try await fixture.rooms().move(former, to: session))
        #expect(try await list(fixture, .open) == ["d2"])
        #expect(try await list(fixture, .closing) == [])
        _ = try await fixture.rooms().beginClose("d2", tenant: fixture.tenant)
        try await fixture.open("d2", kind: .direct, agent: "b")
        #expect(try await list(fixture, .closing) == [])
        #expect(try await list(fixture, .open) == ["d2"])
    }

    @Test("being found by a call counts as use, and so does being touched")
    func touched() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1")
        for isFound in [true, false] {
            try await age(fixture, "r1", .open, by: 24 * Self.hour)
            try await age(fixture, "r1", .waiting, by: Self.hour)
            #expect(try await begin(fixture)?.due.map(\.rule) == [.waiting, .open])
            if isFound {
                _ = try await fixture.customers().find(session.customer, slot: nil, rid: "r1")
            } else {
                try await fixture.rooms().touch(session, at: nil)
            }
            try await freeTurn(fixture)
            #expect(try await begin(fixture)?.due == [])
            try await freeTurn(fixture)
        }
    }

    @Test("use in the past never makes a room older, use in the future no younger than now")
    func touchedAt() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        let before = try await fixture.redis("ZSCORE", key(fixture, "open"), "r1").text
        try await fixture.rooms().touch(session, at: 1_000)
        #expect(try await fixture.redis("ZSCORE", key(fixture, "open"), "r1").text == before)
        try await fixture.rooms().touch(session, at: Int64.max / 4)
        try await age(fixture, "r1", .open, by: 24 * Self.hour)
        #expect(try await begin(fixture)?.due.map(\.rid) == ["r1"])
    }

    @Test("touching a room that is closing, or none, changes nothing")
    func touchedTooLate() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        _ = try await fixture.rooms().beginClose("r1", tenant: fixture.tenant)
        try await fixture.rooms().touch(session, at: nil)
        try await fixture.rooms().touch(fixture.session("nonsense"), at: nil)
        #expect(try await list(fixture, .open) == [])
        #expect(try await !fixture.keys().contains { $0.contains("nonsense") })
    }

    @Test("a room is closed for being idle only if it still is")
    func closeIfIdle() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1")
        let (rooms, tenant) = (fixture.rooms(), fixture.tenant)
        for rule in [SweepRule.waiting, .open] {
            let idle = IdleRoom(rule: rule, milliseconds: Self.hour)
            #expect(try await rooms.beginClose("r1", tenant: tenant, if: idle) == nil)
            try await age(fixture, "r1", rule, by: Self.hour)
            try await rooms.touch(session, at: nil)
            #expect(try await rooms.beginClose("r1", tenant: tenant, if: idle) == nil)
            #expect(try await fixture.state("r1") == .waiting)
        }
        try await age(fixture, "r1", .open, by: Self.hour)
        let idle = IdleRoom(rule: .open, milliseconds: Self.hour)
        #expect(try await rooms.beginClose("r1", tenant: tenant, if: idle)?.rid == "r1")
        #expect(try await rooms.beginClose("r1", tenant: tenant, if: idle) == nil, "it is closing already")
        #expect(try await rooms.beginClose("nonsense", tenant: tenant, if: idle) == nil)
    }

    // MARK: Turns

    @Test("one gateway has the turn; it runs out, and comes again only after the pause")
    func turns() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        try await age(fixture, "r1", .waiting, by: Self.hour)
        let turn = try #require(try await begin(fixture))
        #expect(turn.due == [SweepTurn.Room(rid: "r1", rule: .waiting, failures: 0)])
        #expect(try await begin(fixture, gateway: 1) == nil)
        let lease = key(fixture, "lease:sweep")
        #expect((801...20_000).contains(try await fixture.redis("PTTL", lease).integer ?? 0))
        _ = try await fixture.redis("PEXPIRE", lease, "5000")
        #expect(try await sweep(fixture).renew(turn))
        #expect((801...20_000).contains(try await fixture.redis("PTTL", lease).integer ?? 0))
        try await sweep(fixture).end(turn)
        #expect((1...800).contains(try await fixture.redis("PTTL", lease).integer ?? 0))
        #expect(try await begin(fixture, gateway: 1) == nil)
        try await freeTurn(fixture)
        let other = try #require(try await begin(fixture, gateway: 1))
        #expect(try await !sweep(fixture).renew(turn), "the turn is another gateway's")
        try await sweep(fixture).end(turn)
        #expect(try await sweep(fixture, 1).renew(other))
    }

    @Test("a turn with nothing to do is short")
    func shortTurn() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("r1")
        #expect(try await begin(fixture)?.due == [])
        #expect((1...800).contains(try await fixture.redis("PTTL", key(fixture, "lease:sweep")).integer ?? 0))
    }

    @Test("what is due is due by rule and age, so many a rule, and a rule without an age has none")
    func due() async throws {
        let fixture = try await RedisFixture()
        for number in 1...5 {
            try await fixture.open("r\(number)", "c\(number)")
            try await age(fixture, "r\(number)", .waiting, by: Self.hour * Int64(number))
        }
        #expect(try await begin(fixture, limit: 3)?.due.map(\.rid) == ["r5", "r4", "r3"])
        try await freeTurn(fixture)
        #expect(try await begin(fixture, [.waiting: 3 * Self.hour])?.due.map(\.rid) == ["r5", "r4", "r3"])
        try await freeTurn(fixture)
        #expect(try await begin(fixture, [.open: Self.hour])?.due == [])
        #expect(try await list(fixture, .waiting).count == 5)
    }

    @Test("a list that no rule looks at forgets what has run out")
    func trimmed() async throws {
        let fixture = try await RedisFixture()
        try await fixture.open("old", "c1", agent: "a")
        try await fixture.open("new", "c2", agent: "a")
        try await age(fixture, "old", .open, by: 31 * 24 * Self.hour)
        _ = try await begin(fixture, [:])
        #expect(try await list(fixture, .open) == ["new"])
    }

    @Test("a room that failed is due again later, its failures are counted until somebody is there")
    func postponed() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        try await age(fixture, "r1", .open, by: 24 * Self.hour)
        let room = try #require(try await begin(fixture)?.due.first)
        let age = try #require(Self.ages[.open])
        try await sweep(fixture).postpone(room, by: 60_000, age: age, tenant: fixture.tenant)
        try await freeTurn(fixture)
        #expect(try await begin(fixture)?.due == [])
        try await self.age(fixture, "r1", .open, by: 60_000)
        try await freeTurn(fixture)
        #expect(try await begin(fixture)?.due == [SweepTurn.Room(rid: "r1", rule: .open, failures: 1)])
        try await fixture.rooms().touch(session, at: nil)
        try await self.age(fixture, "r1", .open, by: 24 * Self.hour)
        try await freeTurn(fixture)
        #expect(try await begin(fixture)?.due.map(\.failures) == [0])
        #expect(try await fixture.immortalKeys() == [])
    }

    @Test(
        "a room whose record is gone, or that is on no list, is not postponed; one that is forgotten is on the list no more"
    )
    func forgotten() async throws {
        let fixture = try await RedisFixture()
        for rid in ["r1", "r2"] {
            try await fixture.open(rid, rid, agent: "a")
            try await age(fixture, rid, .open, by: 24 * Self.hour)
        }
        let due = try #require(try await begin(fixture)?.due)
        _ = try await fixture.redis("DEL", key(fixture, "room:r1"))
        let store = sweep(fixture)
        try await store.postpone(due[0], by: 1, age: 1, tenant: fixture.tenant)
        #expect(try await list(fixture, .open) == ["r2"])
        try await store.forget(due[1], tenant: fixture.tenant)
        #expect(try await list(fixture, .open) == [])
        try await store.postpone(due[1], by: 1, age: 1, tenant: fixture.tenant)
        #expect(try await list(fixture, .open) == [])
        #expect(try await fixture.redis("HEXISTS", key(fixture, "room:r2"), "sweep_failures").integer == 0)
    }

    // MARK: The whole sweep

    @Test("two gateways that sweep at once close every room once, and leave nothing behind")
    func twoGateways() async throws {
        let fixture = try await RedisFixture()
        let chat = ScriptedChatBackend()
        let tenant = Tenant(
            id: fixture.tenant, name: "Acme", secretKey: [1],
            departments: [
                Department(
                    id: fixture.sales, name: "sales", isDefault: true, agents: [Agent(username: "anna", capacity: 99)])
            ])
        let gateways = (0..<2).map { services(fixture, chat, gateway: $0) }
        // The same clock as the store's: whether messages are old is a question to both.
        fixture.clock.withLock { $0 = 4_000_000_000_000 }
        for number in 0..<12 {
            let answer = try await StartSession(gateways[number % 2])(
                StartSession.Request(
                    tenant: tenant, department: tenant.departments[0], claim: IdentityClaim(name: "n\(number)"),
                    address: "192.0.2.\(number)"))
            if number < 4 { _ = try await fixture.rooms().beginClose(answer.session.rid, tenant: tenant.id) }
            try await age(fixture, answer.session.rid, number < 4 ? .closing : .open, by: 24 * Self.hour)
        }
        await withTaskGroup(of: Void.self) { group in
            for round in 0..<4 {
                group.addTask {
                    // As if turns ran out in the middle of the work.
                    try? await freeTurn(fixture)
                    await SweepTenant(gateways[round % 2], store: sweep(fixture, round % 2))(tenant)
                }
            }
        }
        // Who lost the turn has stopped; the others' next round does the rest.
        try await freeTurn(fixture)
        await SweepTenant(gateways[0], store: sweep(fixture))(tenant)
        let removed = chat.journal.filter { $0.operation == .removeRoom }.map(\.subject)
        #expect(removed.count == 12)
        #expect(Set(removed).count == 12)
        #expect(chat.rooms.isEmpty)
        for rule in SweepRule.allCases { #expect(try await list(fixture, rule) == []) }
        #expect(try await fixture.load("agent-anna") == [])
        #expect(try await fixture.immortalKeys() == [])
        let prefix = key(fixture, "")
        #expect(try await fixture.keys().allSatisfy { $0.hasPrefix(prefix) || !$0.contains("{") })
    }

    private func services(_ fixture: RedisFixture, _ chat: ScriptedChatBackend, gateway: Int) -> Services {
        Services(
            chat: chat, customers: fixture.customers(gateway), rooms: fixture.rooms(gateway),
            agents: AgentBoard(chat: chat, store: RedisPresenceStore(fixture.clients[gateway])),
            absences: RedisAbsenceStore(fixture.clients[gateway]),
            limiter: RedisRateLimiter(fixture.clients[gateway]), limitPerAddress: nil, limitPerTenant: nil,
            naming: AccountNaming(
                key: Array(repeating: 7, count: 32), mode: .derived, emailDomain: "customers.invalid"),
            seal: TokenSeal(key: Array(repeating: 7, count: 32)), now: { fixture.clock.withLock { $0 } },
            sleep: { _ in await Task.yield() }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
