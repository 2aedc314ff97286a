@testable import RedisClient
import Testing

@Suite("Slot map")
struct SlotMapTests {
    private static let asked = RedisHost("10.0.0.9", port: 7_000)

    private static func node(_ name: RedisReply, _ port: Int64) -> RedisReply {
        .array([name, .integer(port), .string(Array("id".utf8)), .array([])])
    }

    private static func text(_ text: String) -> RedisReply { .string(Array(text.utf8)) }

    private static func range(_ first: Int64, _ last: Int64, _ nodes: RedisReply...) -> RedisReply {
        .array([.integer(first), .integer(last)] + nodes)
    }

    @Test("each slot has its master, in whatever order they are told")
    func masters() throws {
        let map = try SlotMap(
            .array([
                Self.range(9, 16_383, Self.node(Self.text("b"), 2), Self.node(Self.text("r"), 3)),
                Self.range(0, 5, Self.node(Self.text("a"), 1)), Self.range(8, 8, Self.node(Self.text("a"), 1)),
            ]), from: Self.asked)
        #expect(map.masters == [RedisHost("a", port: 1), RedisHost("b", port: 2)])
        #expect(map.replicas == [RedisHost("r", port: 3)])
        #expect([0, 5, 8, 9, 16_383].map { map.master(of: $0)?.name } == ["a", "a", "a", "b", "b"])
        #expect([6, 7].map { map.master(of: $0) } == [nil, nil])
        #expect(!map.isComplete)
        #expect(map.master(of: .max) == nil)
    }

    @Test("a node without an address is reached as the one that was asked; one without a name is nobody")
    func unknownAddresses() throws {
        let map = try SlotMap(
            .array([
                Self.range(0, 1, Self.node(Self.text(""), 1)), Self.range(2, 3, Self.node(.null, 2)),
                Self.range(4, 5, Self.node(Self.text("?"), 3)),
            ]), from: Self.asked)
        #expect(map.masters == [RedisHost("10.0.0.9", port: 1), RedisHost("10.0.0.9", port: 2)])
        #expect(map.master(of: 4) == nil)
    }

    @Test("maps are the same when the masters are")
    func equality() throws {
        func map(_ replica: Int64, _ master: String) throws -> SlotMap {
            try SlotMap(
                .array([Self.range(0, 16_383, Self.node(Self.text(master), 1), Self.node(Self.text("r"), replica))]),
                from: Self.asked)
        }
        #expect(try map(1, "a") == map(2, "a"))
        #expect(try map(1, "a").hashValue == map(2, "a").hashValue)
        #expect(try map(1, "a") != map(1, "b"))
        #expect(try map(1, "a").isComplete)
    }

    @Test("anything of another shape is refused")
    func broken() {
        let good = Self.node(Self.text("a"), 1)
        for reply: RedisReply in [
            .null, .status("OK"), .array([.integer(1)]), .array([Self.range(0, 1)]), .array([Self.range(1, 0, good)]),
            .array([Self.range(-1, 1, good)]), .array([Self.range(0, 16_384, good)]),
            .array([Self.range(0, 1, Self.node(Self.text("a"), 0))]),
            .array([Self.range(0, 1, Self.node(Self.text("a"), 65_536))]),
            .array([Self.range(0, 1, .array([]))]), .array([Self.range(0, 2, good), Self.range(2, 3, good)]),
        ] {
            let error = #expect(throws: RedisError.self) { try SlotMap(reply, from: Self.asked) }
            #expect(error?.code == .protocolViolation)
        }
    }

    @Test(
        "redirections are read",
        arguments: [
            ("MOVED 3999 127.0.0.1:6381", RedisHost("127.0.0.1", port: 6_381)),
            ("ASK 3999 redis-1.example.com:1", RedisHost("redis-1.example.com", port: 1)),
            ("MOVED 3999 ::1:6381", RedisHost("::1", port: 6_381)),
            ("MOVED 3999 :6381", RedisHost("10.0.0.9", port: 6_381)),
        ])
    func redirections(text: String, host: RedisHost) {
        let redirection = Redirection(RedisServerError(message: text), from: Self.asked)
        #expect(redirection?.slot == 3_999)
        #expect(redirection?.host == host)
    }

    @Test(
        "what is no redirection is not followed",
        arguments: [
            "MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0", "MOVED 1 h:65536",
            "ASK 1 ?:1",
            "ERR 1 h:1",
        ])
    func noRedirections(text: String) {
        #expect(Redirection(RedisServerError(message: text), from: Self.asked) == nil)
    }
}
