import Customers
import CustomersRedis
import Logging
import RedisClient
import Synchronization
import TestSupport
import Testing

@Suite("Customers' locks while Redis goes away")
struct RedisCustomerLockTests {
    /// Loses the connection once, at the first command of this name, and takes it the next time.
    private static func run(
        losing name: String, _ body: (RedisCustomerStore, CustomerHash) async throws -> Void
    ) async throws {
        let wasLost = Mutex(false)
        let server = try ScriptedRedis { command in
            guard command.name == name else { return .usual }
            let isFirst = wasLost.withLock { lost in
                defer { lost = true }
                return !lost
            }
            return isFirst ? .sendAndClose("") : .send(name == "SET" ? "+OK\r\n" : ":1\r\n")
        }
        let loops = try RunningLoops()
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandDeadline = .seconds(20)
        configuration.connectDeadline = .seconds(20)
        let client = RedisClient(
            loop: loops.loop, configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        defer { client.stop() }
        let tenant = try #require(TenantID("8009bf1c-5fea-4221-b19a-fd4278fcb06f"))
        try await body(RedisCustomerStore(client) { 0 }, CustomerHash(tenant: tenant, hash: "h"))
        try await server.waitForCommands("the lock given back") { commands in
            commands.count { $0.name == "EVALSHA" } == (name == "EVALSHA" ? 2 : 1)
        }
    }

    @Test("a lock that could not be given back is given back when Redis is there again")
    func unlocking() async throws {
        try await Self.run(losing: "EVALSHA") { store, customer in
            let fence = try #require(try await store.lock(customer))
            await #expect(throws: StoreError.self) { try await store.unlock(customer, fence: fence) }
        }
    }

    @Test("a lock of which nobody knows whether it was taken is given back")
    func locking() async throws {
        try await Self.run(losing: "SET") { store, customer in
            await #expect(throws: StoreError.self) { _ = try await store.lock(customer) }
        }
    }
}
