@testable import RedisClient
import Synchronization
import TestSupport
import Testing

/// Servers 0–2 are Sentinels, 3 and 4 Redis servers.
@Suite("Sentinel", .timeLimit(.minutes(1)))
struct SentinelTopologyTests {
    private typealias Arrival = ScriptedServers.Arrival

    private static let isMaster = ScriptedRedis.Answer.send("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")
    private static let isReplica = ScriptedRedis.Answer.send("*2\r\n$5\r\nslave\r\n$1\r\nx\r\n")

    /// What a Sentinel says to the two questions.
    private static func names(_ server: Int, epoch: Int, _ arrival: Arrival) -> ScriptedRedis.Answer {
        guard arrival.command.name == "SENTINEL" else { return .usual }
        if arrival.command.words[1] == "master" {
            return .send("*2\r\n" + ScriptedServers.text("config-epoch") + ScriptedServers.text(epoch))
        }
        return .send("*2\r\n" + ScriptedServers.text("127.0.0.1") + ScriptedServers.text(arrival.ports[server]))
    }

    private func servers(
        configure: (inout RedisConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable (ScriptedServers.Arrival) -> ScriptedRedis.Answer
    ) throws -> ScriptedServers {
        try ScriptedServers(
            count: 5,
            url: { "redis+sentinel://127.0.0.1:\($0[0]),127.0.0.1:\($0[1]),127.0.0.1:\($0[2])/mymaster/2" },
            configure: configure, answer: answer)
    }

    @Test("the server that they name is used once it has said that it is a master")
    func named() async throws {
        let test = try servers { arrival in
            if arrival.server < 3 { return Self.names(3, epoch: 1, arrival) }
            return arrival.command.name == "ROLE" ? Self.isMaster : .usual
        }
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
        #expect(test.servers[3].received.map(\.words) == [["SELECT", "2"], ["ROLE"], ["PING"], ["SET", "k", "v"]])
        for sentinel in test.servers.prefix(3) {
            #expect(sentinel.received.allSatisfy { ["PING", "SENTINEL"].contains($0.name) })
        }
        let status = await test.client.currentStatus()
        #expect(status.servers == ["127.0.0.1:\(test.servers[3].port)"])
        #expect(status.endpoint.hasPrefix("redis+sentinel://127.0.0.1:"))
    }

    @Test("a replica that they name by mistake gets no command")
    func replica() async throws {
        let test = try servers { arrival in
            if arrival.server < 3 { return Self.names(3, epoch: 1, arrival) }
            return arrival.command.name == "ROLE" ? Self.isReplica : .usual
        }
        let failure = await test.failure("SET", "k", "v")
        #expect(failure?.code == .unavailable)
        #expect(failure?.mayHaveRun == false)
        #expect(failure?.message.contains("is no master any more but says \"slave\"") == true)
        #expect(test.received(3).allSatisfy { $0[0] == "SELECT" })
    }

    @Test(
        "a write that a demoted master refuses goes to the new one, once",
        arguments: ["READONLY You can't write against a read only replica.", "MASTERDOWN Link with MASTER is down"])
    func demoted(text: String) async throws {
        let isDemoted = Atomic(false)
        let test = try servers { arrival in
            let demoted = isDemoted.load(ordering: .sequentiallyConsistent)
            if arrival.server < 3 { return Self.names(demoted ? 4 : 3, epoch: demoted ? 2 : 1, arrival) }
            if arrival.command.name == "ROLE" {
                return (arrival.server == 3) == demoted ? Self.isReplica : Self.isMaster
            }
            guard arrival.server == 3, arrival.command.name == "SET" else { return .usual }
            isDemoted.store(true, ordering: .sequentiallyConsistent)
            return .send("-\(text)\r\n")
        }
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
        #expect(test.received(3) == [["SELECT", "2"], ["SET", "k", "v"]])
        #expect(test.received(4) == [["SELECT", "2"], ["SET", "k", "v"]])
    }

    @Test("a write that may have run is not sent again, a read is")
    func lost() async throws {
        let test = try servers(configure: { $0.commandDeadline = .seconds(2) }) { arrival in
            if arrival.server < 3 { return Self.names(3, epoch: 1, arrival) }
            switch arrival.command.name {
            case "ROLE": return Self.isMaster
            case "INCR": return .sendAndClose("")
            case "GET" where arrival.command.connection < 2: return .sendAndClose("")
            default: return .usual
            }
        }
        let failure = await test.failure("INCR", "n")
        #expect(failure?.mayHaveRun == true)
        #expect(try await test.sendUntilAnswered("GET", "n") == .status("OK"))
        #expect(test.received(3).count { $0[0] == "INCR" } == 1)
    }

    @Test("the newest answer counts, however many give an older one")
    func newest() async throws {
        let test = try servers { arrival in
            switch arrival.server {
            case 0: Self.names(4, epoch: 7, arrival)
            case 1, 2: Self.names(3, epoch: 6, arrival)
            // The former master takes no connection for good: it is frozen or gone.
            case 3: .sendAndClose("")
            default: arrival.command.name == "ROLE" ? Self.isMaster : .usual
            }
        }
        #expect(try await test.sendUntilAnswered("SET", "k", "v") == .status("OK"))
        #expect(test.received(4).last == ["SET", "k", "v"])
    }

    @Test("an answer that is older than what was heard is not followed, though a master stands there")
    func stale() async throws {
        let phase = Atomic(0)
        let test = try servers { arrival in
            let phase = phase.load(ordering: .sequentiallyConsistent)
            if arrival.server < 3 {
                // Later only one Sentinel can be reached, and it has slept through the fail-over.
                if phase == 0 { return Self.names(4, epoch: 7, arrival) }
                return arrival.server == 0 ? Self.names(3, epoch: 6, arrival) : .sendAndClose("")
            }
            if arrival.server == 4, phase == 1 { return .sendAndClose("") }
            return arrival.command.name == "ROLE" ? Self.isMaster : .usual
        }
        #expect(try await test.sendUntilAnswered("SET", "k", "v") == .status("OK"))
        phase.store(1, ordering: .sequentiallyConsistent)
        _ = await test.failure("SET", "k", "lost")
        for _ in 0..<20 { #expect(await test.failure("SET", "k", "w")?.code == .unavailable) }
        #expect(test.servers[3].received.isEmpty)
        phase.store(0, ordering: .sequentiallyConsistent)
        #expect(try await test.sendUntilAnswered("SET", "k", "v") == .status("OK"))
    }

    @Test("when they name another one, the connection is left though it works")
    func objection() async throws {
        let epoch = Atomic(1)
        let test = try servers(configure: { $0.sentinelInterval = .milliseconds(10) }) { arrival in
            let epoch = epoch.load(ordering: .sequentiallyConsistent)
            // The third one never learns of it.
            if arrival.server < 3 {
                return arrival.server == 2 || epoch == 1
                    ? Self.names(3, epoch: 1, arrival) : Self.names(4, epoch: 2, arrival)
            }
            return arrival.command.name == "ROLE" ? Self.isMaster : .usual
        }
        #expect(try await test.client.send(["SET", "k", "v"]) == .status("OK"))
        epoch.store(2, ordering: .sequentiallyConsistent)
        try await test.servers[4].waitForCommands("a connection to the new master") { $0.last?.name == "PING" }
        #expect(try await test.sendUntilAnswered("SET", "k", "w") == .status("OK"))
        #expect(test.received(4).last == ["SET", "k", "w"])
        #expect(test.log.lines.contains { $0.contains("is not \"mymaster\" any more, says Sentinel") })
    }

    @Test("Sentinels that are silent, gone or talk nonsense do not stand in the way of one that knows")
    func troubledSentinels() async throws {
        let test = try servers(configure: { $0.askDeadline = .milliseconds(250) }) { arrival in
            switch arrival.server {
            case 0: arrival.command.name == "SENTINEL" ? .silence : .usual
            case 1: arrival.command.name == "SENTINEL" ? .send("*1\r\n:5\r\n") : .usual
            case 2: Self.names(3, epoch: 1, arrival)
            default: arrival.command.name == "ROLE" ? Self.isMaster : .usual
            }
        }
        #expect(try await test.sendUntilAnswered("SET", "k", "v") == .status("OK"))
    }

    @Test(
        "when none of them knows, the failure says what to do",
        arguments: [
            ("*-1\r\n", "it does not know that master"),
            ("-NOAUTH Authentication required.\r\n", "Sentinels with a password are not supported"),
            ("-ERR unknown command 'SENTINEL'\r\n", "that is no Sentinel"),
        ])
    func unknown(reply: String, sentence: String) async throws {
        let test = try servers { arrival in
            guard arrival.server < 3, arrival.command.name == "SENTINEL" else { return .usual }
            return arrival.command.words[1] == "master" && reply.hasPrefix("*")
                ? .send("-ERR No such master with that name\r\n") : .send(reply)
        }
        let failure = await test.failure("GET", "k")
        #expect(failure?.code == .unavailable)
        #expect(failure?.message.contains(sentence) == true, "\(failure?.message ?? "")")
    }
}
