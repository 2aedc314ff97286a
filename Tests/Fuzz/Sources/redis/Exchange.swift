import EventLoop
import FuzzDriver
import Glibc

@testable import RedisClient

/// One connection: some commands, or a subscription, then the input as the server's words in one or two pieces, then
/// the server goes.
// @unchecked: everything happens on the loop's thread, which is the only one.
final class Exchange: @unchecked Sendable {
    private let loop: EventLoop
    private let server: RedisPeer
    private let connection: RedisConnection
    private let commands: Int
    private let subscribes: Bool
    private var pieces: [[UInt8]]
    private var peer: Int32 = -1
    private var ends = 0
    private var messages = 0
    private var outcomes: [Result<RedisReply, RedisError>] = []

    init(_ input: FuzzInput, loop: EventLoop, server: RedisPeer) {
        var input = input
        let choice = input.byte()
        self.loop = loop
        self.server = server
        commands = Int(choice & 3)
        subscribes = choice & 4 != 0 && commands == 0
        let words = input.remainder()
        let cut = choice & 8 != 0 ? words.count * Int(choice >> 4) / 16 : words.count
        pieces = [Array(words[..<cut]), Array(words[cut...])].filter { !$0.isEmpty }
        let address = RedisAddress.unix(path: server.path)
        connection = RedisConnection(
            loop: loop, address: address, limits: RedisConfiguration(endpoint: .unix(path: server.path)))
    }

    func start() {
        do { try connection.open() } catch { return Fuzzing.expect(false, "the client can connect: \(error)") }
        peer = server.accepted()
        connection.onEnd = { [self] _ in
            ends += 1
            stopWhenDone()
        }
        if subscribes {
            connection.subscribe("cg:revoked")
            connection.onMessage = { [self] _ in messages += 1 }
        }
        for _ in 0..<commands {
            Task(executorPreference: loop) { [self] in
                let outcome: Result<RedisReply, RedisError>
                do throws(RedisError) {
                    outcome = .success(try await connection.command(["GET", "k"], deadline: .max))
                } catch {
                    outcome = .failure(error)
                }
                outcomes.append(outcome)
                stopWhenDone()
            }
        }
        // Once the commands are in line.
        loop.execute { [self] in sayNext() }
    }

    private func sayNext() {
        guard !pieces.isEmpty else {
            shutdown(peer, Int32(SHUT_WR))
            return
        }
        let piece = pieces.removeFirst()
        Fuzzing.expect(
            Glibc.send(peer, piece, piece.count, Int32(MSG_NOSIGNAL)) != -1 || errno == EPIPE,
            "the socket takes a reply")
        _ = loop.schedule(after: .zero) { [self] in sayNext() }
    }

    private func stopWhenDone() {
        if ends > 0, outcomes.count == commands { loop.stop() }
    }

    /// What holds whatever the server said.
    func check() {
        close(peer)
        Fuzzing.expect(ends == 1, "a connection ends once")
        Fuzzing.expect(outcomes.count == commands, "everybody who waits is told")
        for case .success(let reply) in outcomes { Self.check(reply) }
        let replies = outcomes.compactMap { try? $0.get() }
        if let (host, _) = SentinelAnswer.read(replies) {
            Fuzzing.expect(host.port > 0 && !host.name.isEmpty, "a Sentinel's answer names a host")
        }
    }

    private static func check(_ reply: RedisReply) {
        var elements = 0
        measure(reply, depth: 0, &elements)
        let host = RedisHost("10.0.0.1", port: 7_000)
        if let map = try? SlotMap(reply, from: host) {
            for range in map.ranges {
                Fuzzing.expect(map.master(of: range.first) == range.master, "a slot is found")
                Fuzzing.expect(map.master(of: range.last) == range.master, "a slot is found")
            }
            Fuzzing.expect(!map.isComplete || map.master(of: 16_383) != nil, "a complete map has every slot")
        }
        if let bytes = reply.bytes {
            let error = RedisServerError(message: String(decoding: bytes, as: UTF8.self))
            Fuzzing.expect(error.message.utf8.count <= 16 * 512, "an error's text is short")
            if let redirection = Redirection(error, from: host) {
                Fuzzing.expect(redirection.slot < 16_384 && redirection.host.port > 0, "a redirection names a place")
            }
        }
    }

    private static func measure(_ reply: RedisReply, depth: Int, _ elements: inout Int) {
        guard case .array(let list) = reply else { return }
        elements += list.count
        Fuzzing.expect(depth <= 4 && elements <= 65_536, "replies keep their limits")
        for element in list { measure(element, depth: depth + 1, &elements) }
        _ = reply.fields
    }
}
