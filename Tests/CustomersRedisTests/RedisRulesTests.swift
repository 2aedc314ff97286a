import ChatBackend
import Customers
@testable import CustomersRedis
import Logging
import RedisClient
import Synchronization
import Testing
import TestSupport

@Suite("Rules of what is kept in Redis")
struct RedisRulesTests {
    private func services(_ fixture: RedisFixture, _ chat: ScriptedChatBackend, gateway: Int) -> Services {
        Services(
            chat: chat, customers: fixture.customers(gateway), rooms: fixture.rooms(gateway),
            agents: AgentBoard(chat: chat, store: RedisPresenceStore(fixture.clients[gateway])),
            absences: RedisAbsenceStore(fixture.clients[gateway]),
            limiter: RedisRateLimiter(fixture.clients[gateway]), limitPerAddress: RateLimit(count: 999, seconds: 60),
            limitPerTenant: RateLimit(count: 9_999, seconds: 60),
            naming: AccountNaming(
                key: Array(repeating: 7, count: 32), mode: .derived, emailDomain: "customers.invalid"),
            seal: TokenSeal(key: Array(repeating: 7, count: 32)), now: { fixture.clock.withLock { $0 } },
            sleep: { _ in
                fixture.clock.withLock { $0 += 1 }
                await Task.yield()
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func tenant(_ fixture: RedisFixture, capacity: Int, close: ClosePolicy = .delete) -> Tenant {
        Tenant(
            id: fixture.tenant, name: "Acme", secretKey: [1], closePolicy: close,
            departments: [
                Department(
                    id: fixture.sales, name: "sales", isDefault: true,
                    agents: [Agent(username: "anna", capacity: capacity), Agent(username: "bill", capacity: capacity)]),
                Department(id: fixture.support, name: "support", agents: [Agent(username: "ben", capacity: capacity)]),
            ])
    }

    /// Everything that customers and tenants do, over two gateways; returns the chat tokens that were handed out.
    private func live(_ fixture: RedisFixture, _ chat: ScriptedChatBackend) async throws -> [String] {
        let tenant = tenant(fixture, capacity: 3)
        let gateways = [services(fixture, chat, gateway: 0), services(fixture, chat, gateway: 1)]
        var tokens: [String] = []
        let direct = try await ConnectDirectly(gateways[1])(tenant: tenant, name: "王伟")
        tokens.append(direct.token)
        _ = try await TransferSession(gateways[0])(
            tenant: tenant, caller: .tenant(tenant.id), rid: direct.session.rid, to: .anotherAgent)
        for number in 0..<9 {
            let services = gateways[number % 2]
            let answer = try await StartSession(services)(
                StartSession.Request(
                    tenant: tenant, department: tenant.departments[0],
                    claim: IdentityClaim(name: number.isMultiple(of: 3) ? nil : "name \(number)"),
                    address: "192.0.2.\(number)"))
            tokens.append(answer.token)
            _ = try await StartSession(gateways[(number + 1) % 2])(
                StartSession.Request(
                    tenant: tenant, department: tenant.departments[1], chatToken: answer.token,
                    groupID: number == 7 ? nil : answer.session.rid))
            if number == 1 {
                _ = try await TransferSession(services)(
                    tenant: tenant, caller: .tenant(tenant.id), rid: answer.session.rid,
                    to: .department(fixture.support))
            }
            if number == 2 {
                try await CloseSession(services)(tenant: tenant, caller: .tenant(tenant.id), rid: answer.session.rid)
            }
        }
        let archived = self.tenant(fixture, capacity: 3, close: .archive)
        let last = try await StartSession(gateways[0])(
            StartSession.Request(
                tenant: archived, department: archived.departments[1], claim: IdentityClaim(name: "last")))
        tokens.append(last.token)
        try await CloseSession(gateways[0])(tenant: archived, caller: .tenant(archived.id), rid: last.session.rid)
        try await RedisRevocationStore(fixture.clients[0]).revoke("jti", seconds: 60)
        _ = try await gateways[0].customers.lock(direct.session.customer)
        return tokens
    }

    private func chat() -> ScriptedChatBackend {
        ScriptedChatBackend(agents: ["anna": .online, "bill": .online, "ben": .online])
    }

    @Test("every key of a full life has a time to live and the name that the design gives it")
    func keys() async throws {
        let fixture = try await RedisFixture()
        _ = try await live(fixture, chat())
        #expect(try await fixture.immortalKeys() == [])
        let own = "cg:{\(fixture.tenant)}:"
        let kinds = [
            own + "customer:", own + "room:", own + "load", own + "agent:", own + "queue:", own + "presence",
            own + "seen", own + "log:",
            own + "lock:",
            own + "closed:", own + "open", own + "waiting", "cg:chat:", "cg:revoked:", "cg:rate:ip:", "cg:rate:tenant:",
        ]
        let keys = try await fixture.keys()
        for key in keys { #expect(kinds.contains { key.hasPrefix($0) }, "\(key)") }
        for kind in kinds { #expect(keys.contains { $0.hasPrefix(kind) }, "\(kind)") }
    }

    @Test("nothing that is kept is a token")
    func nothingInClear() async throws {
        let fixture = try await RedisFixture()
        let tokens = try await live(fixture, chat())
        var text = ""
        for key in try await fixture.keys() {
            let type = try await fixture.redis("TYPE", key).text
            let value: RedisReply =
                switch type {
                case "hash": try await fixture.redis("HGETALL", key)
                case "zset": try await fixture.redis("ZRANGE", key, "0", "-1")
                case "list": try await fixture.redis("LRANGE", key, "0", "-1")
                default: try await fixture.redis("GET", key)
                }
            text +=
                key + " "
                + (value.array ?? [value]).compactMap(\.bytes).map { String(decoding: $0, as: UTF8.self) }.joined(
                    separator: " ") + "\n"
        }
        #expect(text.contains("name 1"))
        for token in tokens {
            #expect(!text.split(whereSeparator: { " \n".contains($0) }).contains(Substring(token)), "\(token)")
        }
    }

    @Test("two gateways: 50 parallel calls of one name are one account, one room, one slot")
    func parallel() async throws {
        let fixture = try await RedisFixture()
        let chat = chat()
        let tenant = tenant(fixture, capacity: 99)
        let gateways = [services(fixture, chat, gateway: 0), services(fixture, chat, gateway: 1)]
        let rooms = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await StartSession(gateways[number % 2])(
                        StartSession.Request(
                            tenant: tenant, department: tenant.departments[0], claim: IdentityClaim(name: "bob"))
                    ).session.rid
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(rooms.count == 1)
        #expect(chat.usernames.count == 1)
        #expect(chat.rooms.count == 1)
        let loads = [try await fixture.load("agent-anna"), try await fixture.load("agent-bill")]
        #expect(loads.flatMap(\.self) == Array(rooms))
    }

    @Test("two gateways with parallel customers fill every slot, queue the rest, and serve it as rooms close")
    func capacity() async throws {
        let fixture = try await RedisFixture()
        let chat = chat()
        let tenant = tenant(fixture, capacity: 3)
        let gateways = [services(fixture, chat, gateway: 0), services(fixture, chat, gateway: 1)]
        let answers = try await withThrowingTaskGroup(of: SessionAnswer.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await StartSession(gateways[number % 2])(
                        StartSession.Request(
                            tenant: tenant, department: tenant.departments[0], claim: IdentityClaim(name: "c\(number)"))
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.session.state == .assigned } == 6)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, answer) in answers.enumerated() where answer.session.state == .assigned {
                group.addTask {
                    try await CloseSession(gateways[number % 2])(
                        tenant: tenant, caller: .tenant(tenant.id), rid: answer.session.rid)
                }
            }
            try await group.waitForAll()
        }
        for answer in answers where answer.session.state == .waiting {
            let session = try await fixture.rooms().find(answer.session.rid, tenant: tenant.id)?.session
            #expect(session?.state == .assigned)
            #expect(chat.rooms[answer.session.rid]?.members.contains(session?.agent ?? "") == true)
        }
        let loads = try await fixture.load("agent-anna").count + fixture.load("agent-bill").count
        #expect(loads == 4)
    }

    @Test("scripts that the server forgot, as in a restart, are sent again")
    func forgottenScripts() async throws {
        let fixture = try await RedisFixture()
        let session = try await fixture.open("r1", agent: "a")
        _ = try await fixture.redis("SCRIPT", "FLUSH")
        #expect(try await fixture.take(["a": 2]) == "a")
        _ = try await fixture.redis("SCRIPT", "FLUSH")
        #expect(try await fixture.customers().find(session.customer, slot: nil, rid: nil) != nil)
        _ = try await fixture.redis("SCRIPT", "FLUSH")
        try await fixture.rooms().finishClose(session, archived: false)
        #expect(try await fixture.load("a") == ["take"])
    }

    @Test("a server that is away is a store error, without anything of the command in it")
    func away() async throws {
        let fixture = try await RedisFixture()
        try await fixture.customers().save(fixture.record(token: "secret"))
        try await fixture.server.stop()
        do {
            try await fixture.customers().save(fixture.record("王伟", token: "secret"))
            Issue.record("the store is away")
        } catch let error as StoreError {
            #expect(!error.message.contains("王伟"))
            #expect(!error.message.contains(ChatTokenDigest("secret").text))
        }
    }

    @Test("all keys of a script are one tenant's, in one slot of a cluster")
    func oneSlot() async throws {
        let fixture = try await RedisFixture()
        _ = try await fixture.redis("CONFIG", "SET", "slowlog-log-slower-than", "0")
        _ = try await fixture.redis("CONFIG", "SET", "slowlog-max-len", "100000")
        _ = try await live(fixture, chat())
        let log = try await fixture.redis("SLOWLOG", "GET", "-1")
        var scripts = 0
        for entry in log.array ?? [] {
            let words = (entry.array?[3].array ?? []).compactMap(\.text)
            guard ["EVALSHA", "EVAL"].contains(words.first?.uppercased()), words.count > 2, let count = Int(words[2])
            else { continue }
            scripts += 1
            let keys = words.dropFirst(3).prefix(count)
            #expect(keys.count == 1 || keys.allSatisfy { $0.hasPrefix("cg:{\(fixture.tenant)}:") }, "\(keys)")
        }
        #expect(scripts > 50)
    }
}
