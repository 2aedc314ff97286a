import EventLoop
import RedisClient
import Synchronization
import TestSupport

/// Workers that write and read keys of their own without pause, and remember what they saw.
final class Traffic: Sendable {
    /// What was seen so far.
    struct Tally: Sendable {
        /// Rounds of a write and a read that both worked.
        var rounds = 0
        var failures = 0
        /// Why the latest one failed.
        var lastFailure = ""
        /// Answers that no server that obeys could have given.
        var wrong: [String] = []
        /// Longest that one command took, in nanoseconds.
        var slowest: UInt64 = 0
    }

    private let seen: Seen
    private let tasks: [Task<Void, Never>]

    /// Starts one worker for each key.
    init(_ client: RedisClient, keys: [String]) {
        let seen = Seen()
        tasks = keys.map { key in
            Task(executorPreference: client.loop) {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    let last = number
                    let begun = client.loop.now
                    do {
                        let written = try await client.send(["SET", .string(key), "\(key)=\(last)"])
                        let read = try await client.send(["GET", .string(key)])
                        let isRight = written == .status("OK") && Self.isPossible(read, key, last)
                        seen.change { tally in
                            tally.rounds += 1
                            if !isRight { tally.wrong.append("\(key) \(last): \(written) \(read)") }
                        }
                    } catch {
                        if Task.isCancelled { break }
                        seen.change { tally in
                            tally.failures += 1
                            tally.lastFailure = "\(error)"
                        }
                        try? await client.loop.sleep(for: .milliseconds(2))
                    }
                    let took = client.loop.now &- begun
                    seen.change { $0.slowest = max($0.slowest, took / 2) }
                }
            }
        }
        self.seen = seen
    }

    private final class Seen: Sendable {
        let tally = Mutex(Tally())
        func change(_ body: (inout Tally) -> Void) { tally.withLock { body(&$0) } }
    }

    /// A read sees this worker's own last write, or an older one when a fail-over has lost some; nothing else.
    private static func isPossible(_ reply: RedisReply, _ key: String, _ last: Int) -> Bool {
        if reply.isNull { return true }
        guard let text = reply.text, text.hasPrefix(key + "="), let number = Int(text.dropFirst(key.count + 1)) else {
            return false
        }
        return number <= last
    }

    var now: Tally { seen.tally.withLock { $0 } }

    /// Returns when this many more rounds have worked.
    func waitForRounds(_ count: Int = 20, on loop: EventLoop) async throws {
        let goal = now.rounds + count
        while now.rounds < goal { try await loop.sleep(for: .milliseconds(5)) }
    }

    /// Ends the workers and returns what was seen.
    func end() async -> Tally {
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        return now
    }

    deinit { for task in tasks { task.cancel() } }
}
