@testable import RedisClient
import Testing

@Suite("Hash slot")
struct HashSlotTests {
    @Test("the check value of CRC-16/XMODEM")
    func checkValue() { #expect(HashSlot.crc16("123456789".utf8) == 0x31C3) }

    @Test(
        "the slots that redis-server computes",
        arguments: [
            ("", 0), ("foo", 12_182), ("a", 15_495), ("b", 3_300), ("c", 7_365), ("{user1000}.following", 3_443),
            ("{user1000}.followers", 3_443), ("foo{}{bar}", 8_363), ("foo{{bar}}zap", 4_015), ("foo{bar}{zap}", 5_061),
        ])
    func slots(key: String, slot: UInt16) {
        #expect(HashSlot.of(key.utf8) == slot)
        #expect(HashSlot.of(.string(key)) == slot)
        #expect(HashSlot.of(.bytes(Array(key.utf8))) == slot)
    }

    @Test("a number is a key as its decimal digits")
    func number() { #expect(HashSlot.of(.integer(123_456_789)) == 0x31C3) }

    @Test("where a command may go")
    func routes() {
        func route(_ arguments: RedisArgument...) -> CommandRoute { CommandRoute(arguments) }
        let a = CommandRoute.slot(15_495)
        #expect(route("get", "a") == a)
        #expect(route(.bytes(Array("Get".utf8)), .bytes([97])) == a)
        #expect(route("DEL", "a", "x{a}") == a)
        #expect(route("DEL", "a", "b") == .severalSlots)
        #expect(route("MSET", "a", "b", "{a}", "c") == a)
        #expect(route("MSET", "a", "b", "c", "d") == .severalSlots)
        #expect(route("EVALSHA", "sha", 2, "a", "{a}", "b") == a)
        #expect(route("EVAL", "return 1", "1", "a", "b") == a)
        #expect(route("EVAL", "return 1", 2, "a", "b") == .severalSlots)
        #expect(route("EVAL", "return 1", 0, "b") == .anyNode)
        #expect(route("EVAL", "return 1", "x", "b") == .anyNode)
        #expect(route("EVAL", "return 1", .integer(.max), "a") == a)
        #expect(route("EVAL") == .anyNode)
        #expect(route("ZUNIONSTORE", "a", 1, "{a}") == a)
        #expect(route("ZUNIONSTORE", "a", 1, "b") == .severalSlots)
        #expect(route("RENAME", "a", "b") == .severalSlots)
        #expect(route("BITOP", "AND", "a", "{a}") == a)
        #expect(route("MEMORY", "USAGE", "a") == a)
        #expect(route("PUBLISH", "a", "b") == .anyNode)
        #expect(route("PING") == .anyNode)
        #expect(route("GET") == .anyNode)
        #expect(route("SCAN", 0, "MATCH", "x{a}*") == a)
        #expect(route("SCAN", 0, "COUNT", 10, "match", "{a}") == a)
        for pattern: RedisArgument in ["*", "x*{a}", "{a*}", "{}a", "x{[a]}", "}{a}", "a"] {
            #expect(route("SCAN", 0, "MATCH", pattern) == .everyMaster)
        }
        #expect(route("SCAN", 0) == .everyMaster)
        #expect(route("KEYS", "{a}") == .everyMaster)
    }
}
