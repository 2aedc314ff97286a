import RedisClient
import TestSupport
import Testing

@Suite("Redis scripts")
struct RedisScriptTests {
    private static let sha = String(repeating: "0123456789", count: 4)

    @Test("a script is loaded once and then run by its SHA")
    func loadedOnce() async throws {
        let test = try ScriptedClient { command in
            switch command.name {
            case "SCRIPT": .send("$40\r\n\(Self.sha)\r\n")
            case "EVALSHA": .send(":7\r\n")
            default: .usual
            }
        }
        let script = RedisScript(name: "seven", source: "return 7")
        for _ in 0..<3 {
            #expect(try await test.client.eval(script, keys: ["k1", "k2"], arguments: ["a", 5]) == .integer(7))
        }
        let run = ["EVALSHA", Self.sha, "2", "k1", "k2", "a", "5"]
        #expect(test.server.received.dropFirst().map(\.words) == [["SCRIPT", "LOAD", "return 7"], run, run, run])
    }

    @Test("a server that has lost the script is sent it again")
    func noScript() async throws {
        let test = try ScriptedClient { command in
            switch command.name {
            case "SCRIPT": .send("$40\r\n\(Self.sha)\r\n")
            case "EVALSHA" where command.words.last == "lost": .send("-NOSCRIPT No matching script.\r\n")
            case "EVALSHA": .send(":1\r\n")
            case "EVAL": .send(":2\r\n")
            default: .usual
            }
        }
        let script = RedisScript(name: "x", source: "return 1")
        #expect(try await test.client.eval(script, keys: ["k"]) == .integer(1))
        // Lost again right after it was loaded: the source is sent along, and nothing goes round in circles.
        #expect(try await test.client.eval(script, keys: ["k"], arguments: ["lost"]) == .integer(2))
        #expect(
            test.server.received.map(\.name) == ["PING", "SCRIPT", "EVALSHA", "EVALSHA", "SCRIPT", "EVALSHA", "EVAL"])
    }

    @Test("an answer to SCRIPT LOAD that is no SHA is refused", arguments: ["$2\r\nxy\r\n", ":1\r\n", "+OK\r\n"])
    func brokenSHA(bytes: String) async throws {
        let test = try ScriptedClient { $0.name == "SCRIPT" ? .send(bytes) : .usual }
        let error = await #expect(throws: RedisError.self) {
            try await test.client.eval(RedisScript(name: "x", source: ""), keys: ["k"])
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test("a script's own error is passed on and not tried again")
    func ownError() async throws {
        let test = try ScriptedClient { command in
            switch command.name {
            case "SCRIPT": .send("$40\r\n\(Self.sha)\r\n")
            case "EVALSHA": .send("-OOM command not allowed when used memory > 'maxmemory'.\r\n")
            default: .usual
            }
        }
        let error = await #expect(throws: RedisError.self) {
            try await test.client.eval(RedisScript(name: "x", source: ""), keys: ["k"])
        }
        #expect(error?.code == .server(.outOfMemory))
        #expect(test.server.received.count { $0.name == "EVALSHA" } == 1)
    }
}
