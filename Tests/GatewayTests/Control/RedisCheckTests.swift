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

    @Test(
        "a Redis older than the scripts need is a fault",
        arguments: [
            ("6.0.16", true), ("5.0.14", true), ("6.2.0", false), ("7.0.15", false), ("10.0.0", false), ("x", false),
        ])
    func version(version: String, isTooOld: Bool) {
        let faults = RedisCheck.findings(info: "redis_version:\(version)\r\n").filter { $0.outcome == .fault }
        #expect(faults.map(\.text).contains { $0.contains("too old") } == isTooOld)
    }

    @Test("that Redis keeps nothing is said only of one that is known not to save, whether it has saved yet or not")
    func persistence() {
        func notes(_ saving: String?, aof: String = "0") -> Int {
            RedisCheck.findings(info: "aof_enabled:\(aof)\r\nrdb_saves:0\r\n", saving: saving).count {
                $0.outcome == .note
            }
        }
        #expect(notes("") == 1)
        #expect(notes("3600 1 300 100 60 10000") == 0)
        #expect(notes(nil) == 0, "CONFIG may be forbidden")
        #expect(notes("", aof: "1") == 0)
    }

    @Test("a replica, a full memory and a broken disk are faults")
    func faults() {
        #expect(outcomes("role:slave\r\n").contains(.fault))
        #expect(outcomes("maxmemory:100\r\nmaxmemory_policy:noeviction\r\nused_memory:95\r\n").contains(.fault))
        #expect(outcomes("rdb_last_bgsave_status:err\r\n").contains(.fault))
        #expect(outcomes("aof_last_write_status:err\r\n").contains(.fault))
    }
}
