import EventLoop
import Foundation
import TestSupport
import Testing

@Suite("Timers of the event loop")
struct LoopTimerTests {
    @Test("a timer wakes its thread once, and not before its time, whenever it is set")
    func oneWakeUp() async throws {
        let loops = try RunningLoops()
        let chain = TimerChain(loops.loop, length: 40)
        let wakeUps = try #require(await chain.run())
        #expect((40...60).contains(wakeUps), "40 timers")
        #expect(chain.early == 0)
    }
}

/// Timers of some milliseconds, one after the other.
// @unchecked: touched on the loop only until all are over.
private final class TimerChain: @unchecked Sendable {
    private let loop: EventLoop
    private var left: Int
    private var begun = 0
    private var done: CheckedContinuation<Int?, Never>?
    private(set) var early = 0

    init(_ loop: EventLoop, length: Int) {
        self.loop = loop
        left = length
    }

    /// How often the loop's thread went to sleep meanwhile.
    func run() async -> Int? {
        await withCheckedContinuation { done in
            self.done = done
            loop.execute { [self] in
                begun = Self.sleeps() ?? 0
                next()
            }
        }
    }

    private func next() {
        guard left > 0 else {
            done?.resume(returning: Self.sleeps().map { $0 - begun })
            return
        }
        left -= 1
        let delay = UInt64(5_000_000 + left * 377_000)
        let due = loop.now + delay
        loop.schedule(after: .nanoseconds(Int64(delay))) { [self] in
            if loop.now < due { early += 1 }
            next()
        }
    }

    private static func sleeps() -> Int? {
        let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
        return line?.split(separator: "\t").last.flatMap { Int($0) }
    }
}
