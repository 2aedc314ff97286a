import Testing

@testable import Gateway

@Suite("Doctor: Redis")
struct RedisCheckTests {
    private func outcomes(_ info: String) -> [Finding.Outcome] { RedisCheck.findings(info: info).map(\.outcome) }

    @Test(
        "a Redis that throws keys away is warned about",
        arguments: ["allkeys-lru", "volatile-ttl", "volatile-lru", "allkeys-random"])
    func eviction(policy: String) {
        let findings = RedisCheck.findings(info: "role:master\r\nmaxmemory:1048576\r\nmaxmemory_policy:\(policy)\r\n")
        #expect(findings.contains { $0.outcome == .warning && $0.remedy.contains("noeviction") })
    }

    @Test(
        "noeviction and no limit are fine",
        arguments: ["maxmemory:1048576\r\nmaxmemory_policy:noeviction", "maxmemory:0\r\nmaxmemory_policy:allkeys-lru"])
    func noEviction(memory: String) { #expect(outcomes("role:master\r\n\(memory)\r\nused_memory:10\r\n") == [.good]) }

    @Test("a replica, a full memory and a broken disk are faults")
    func faults() {
        #expect(outcomes("role:slave\r\n").contains(.fault))
        #expect(outcomes("maxmemory:100\r\nmaxmemory_policy:noeviction\r\nused_memory:95\r\n").contains(.fault))
        #expect(outcomes("rdb_last_bgsave_status:err\r\n").contains(.fault))
        #expect(outcomes("aof_last_write_status:err\r\n").contains(.fault))
    }
}
