@testable import RedisClient
import Testing

@Suite("Redis values")
struct RedisValueTests {
    @Test(
        "an error reply is sorted by its first word",
        arguments: [
            ("READONLY You can't write against a read only replica.", RedisErrorPrefix.readOnly),
            ("NOSCRIPT No matching script.", .noScript), ("LOADING Redis is loading", .loading),
            ("MASTERDOWN Link with MASTER is down", .masterDown), ("OOM command not allowed", .outOfMemory),
            ("NOAUTH Authentication required.", .noAuth), ("WRONGPASS invalid username-password pair", .wrongPassword),
            ("NOPERM this user has no permissions", .noPermission), ("BUSY Redis is busy", .busy),
            ("MOVED 3999 127.0.0.1:6381", .moved), ("ERR unknown command", .err), ("FOO bar", .other), ("", .other),
        ])
    func prefixes(text: String, prefix: RedisErrorPrefix) {
        #expect(RedisServerError(message: text).prefix == prefix)
        #expect(RedisServerError(message: text).message == text)
    }

    @Test("arguments that Redis repeats in an error are cut off")
    func echoedArguments() {
        let error = RedisServerError(message: "ERR unknown command 'X', with args beginning with: 'secret' ")
        #expect(error.message == "ERR unknown command 'X'")
        #expect(RedisServerError(message: "ERR " + String(repeating: "x", count: 600)).message.count == 512)
    }

    @Test("accessors give nothing for other types")
    func accessors() {
        #expect(RedisReply.string(Array("42".utf8)).integer == 42)
        #expect(RedisReply.string([0xFF]).text == nil)
        #expect(RedisReply.string([0xFF]).bytes == [0xFF])
        #expect(RedisReply.status("OK").text == "OK")
        #expect(RedisReply.integer(1).bytes == nil)
        #expect(RedisReply.array([.null]).text == nil)
        #expect(RedisReply.null.isNull)
        #expect(
            RedisReply.array([.status("a"), .string([1]), .status("b"), .string([2])]).fields == ["a": [1], "b": [2]])
        #expect(RedisReply.array([.status("a")]).fields == nil)
        #expect(RedisReply.array([.integer(1), .status("a")]).fields == nil)
    }

    @Test("expecting another type is a protocol violation that names types, not contents")
    func expectations() throws {
        #expect(try RedisReply.integer(7).expectInteger() == 7)
        let error = #expect(throws: RedisError.self) { try RedisReply.string(Array("secret".utf8)).expectInteger() }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message == "expected an integer, got string")
        let inner = RedisServerError(message: "OOM no room")
        let refused = #expect(throws: RedisError.self) { try RedisReply.error(inner).expectInteger() }
        #expect(refused?.code == .server(.outOfMemory))
    }

    @Test("a command is laid out byte for byte")
    func commandBuffer() {
        var buffer = CommandBuffer()
        func words(_ arguments: [RedisArgument]) -> [[UInt8]] {
            buffer.withArguments(arguments) { count, values, lengths in
                (0..<Int(count)).map { index in
                    guard let start = values?[index], let length = lengths?[index] else { return [0xEE] }
                    return Array(UnsafeRawBufferPointer(start: start, count: length))
                }
            }
        }
        #expect(
            words(["GET", .bytes([0, 13, 10, 255]), "", .int(-1), 0]) == [
                [71, 69, 84], [0, 13, 10, 255], [], [45, 49], [48],
            ])
        #expect(
            words([.integer(.min), .integer(.max)]) == [
                Array("-9223372036854775808".utf8), Array("9223372036854775807".utf8),
            ])
        #expect(words([""]) == [[]])
        #expect(words(["客户"]) == [[0xE5, 0xAE, 0xA2, 0xE6, 0x88, 0xB7]])
    }

    @Test("commands that disturb a shared connection are refused in any spelling")
    func commandRules() {
        for name in ["SUBSCRIBE", "psubscribe", "Monitor", "SELECT", "multi", "BLPOP", "AUTH", "client"] {
            #expect(!CommandRules.allow([.string(name), "x"]))
            #expect(!CommandRules.allow([.bytes(Array(name.utf8))]))
        }
        for name in ["GET", "get", "EVALSHA", "PUBLISH", "SCRIPT", "PING", "SUBSCRIBER"] {
            #expect(CommandRules.allow([.string(name)]))
        }
        #expect(!CommandRules.allow([]))
        #expect(!CommandRules.allow([""]))
        #expect(!CommandRules.allow([1]))
    }

    @Test("pauses between attempts double up to the ceiling and are spread")
    func backoff() {
        var backoff = Backoff(floor: .milliseconds(20), ceiling: .seconds(1))
        #expect(backoff.fail(chance: 0) == .milliseconds(10))
        #expect(backoff.fail(chance: 1) == .milliseconds(40))
        for _ in 0..<100 { _ = backoff.fail(chance: 0.5) }
        #expect(backoff.fail(chance: 1) == .seconds(1))
        #expect(backoff.fail(chance: 0) == .milliseconds(500))
        backoff.succeed()
        #expect(backoff.failures == 0)
        #expect(backoff.fail(chance: 1) == .milliseconds(20))
    }
}
