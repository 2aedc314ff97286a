import RedisClient
import TestSupport
import Testing

@Suite("Redis subscription")
struct RedisSubscriptionTests {
    private static let confirmation = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"

    private static func message(_ text: String) -> String {
        "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$\(text.utf8.count)\r\n\(text)\r\n"
    }

    @Test("it tells of coming up, of messages in order, of an interruption and of coming up again")
    func life() async throws {
        let test = try ScriptedClient { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            let text = Self.confirmation + Self.message("1") + Self.message("")
            return command.connection == 0 ? .sendAndClose(text) : .send(Self.confirmation)
        }
        let subscription = test.client.subscribe(channel: "c")
        var events = subscription.events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(await events.next() == .message([49]))
        #expect(await events.next() == .message([]))
        #expect(await events.next() == .down)
        #expect(await events.next() == .up)
        #expect(subscription.isUp)
        #expect(test.server.received.map(\.words) == [["PING"], ["SUBSCRIBE", "c"], ["PING"], ["SUBSCRIBE", "c"]])
        subscription.cancel()
        #expect(await events.next() == nil)
        #expect(!subscription.isUp)
    }

    @Test("a confirmation that does not come is not waited for")
    func unconfirmed() async throws {
        let test = try ScriptedClient(configure: { $0.connectDeadline = .milliseconds(200) }) { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            return command.connection == 0 ? .silence : .send(Self.confirmation)
        }
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(test.server.connectionCount >= 2)
    }

    @Test(
        "what is no message ends the connection, not the process",
        arguments: [
            "+OK\r\n", ":1\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "*1\r\n$7\r\nmessage\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n",
            "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\nx\r\n", "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n",
            "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n$1\r\nx\r\n", "*3\r\n*1\r\n+a\r\n$1\r\nc\r\n:0\r\n",
            "*4\r\n$8\r\npmessage\r\n$1\r\nc\r\n$1\r\nc\r\n$1\r\nx\r\n", "-ERR odd\r\n",
        ])
    func brokenMessages(bytes: String) async throws {
        let test = try ScriptedClient { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            return .send(command.connection == 0 ? Self.confirmation : Self.confirmation + Self.message("ok"))
        }
        let subscription = test.client.subscribe(channel: "c")
        var seen: [RedisSubscriptionEvent] = []
        for await event in subscription.events {
            if seen.isEmpty { test.server.push(bytes) }
            seen.append(event)
            if event == .message([111, 107]) { break }
        }
        #expect(seen == [.up, .down, .up, .message([111, 107])])
    }

    @Test("what is no message right behind the confirmation ends the connection as well")
    func brokenAtOnce() async throws {
        let test = try ScriptedClient { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            return .send(command.connection == 0 ? Self.confirmation + "+OK\r\n" : Self.confirmation)
        }
        let subscription = test.client.subscribe(channel: "c")
        try await test.server.waitForCommands("another connection") { $0.contains { $0.connection == 1 } }
        var events = subscription.events.makeAsyncIterator()
        #expect(await events.next() == .up)
    }

    @Test("a refused subscription is tried again")
    func refused() async throws {
        let test = try ScriptedClient { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            return .send(command.connection == 0 ? "-NOPERM this user has no permissions\r\n" : Self.confirmation)
        }
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(test.log.lines.contains { $0.contains("NOPERM this user has no permissions") })
    }

    @Test("a message of another channel is not taken for one of ours")
    func foreignChannel() async throws {
        let test = try ScriptedClient { command in
            guard command.name == "SUBSCRIBE" else { return .usual }
            return .send(Self.confirmation + "*3\r\n$7\r\nmessage\r\n$1\r\nd\r\n$1\r\nx\r\n" + Self.message("ours"))
        }
        var events = test.client.subscribe(channel: "c").events.makeAsyncIterator()
        #expect(await events.next() == .up)
        #expect(await events.next() == .message(Array("ours".utf8)))
    }
}
