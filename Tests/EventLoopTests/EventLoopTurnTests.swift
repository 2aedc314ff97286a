import EventLoop
import Glibc
import TestSupport
import Testing

@Suite("Event loop: a turn")
struct EventLoopTurnTests {
    @Test("what many descriptors have said is worked off in portions, not after the last of them was read")
    func portions() async throws {
        let loops = try RunningLoops()
        let log = await ReadyDescriptors.log(on: loops.loop, count: 100)
        #expect(log.count == 200)
        let runs = log.split(separator: .job)
        #expect(runs.allSatisfy { $0.count <= 32 }, "\(runs.map(\.count))")
    }

    @Test("an urgent descriptor comes first, whatever else is ready")
    func urgent() async throws {
        let loops = try RunningLoops()
        let log = await ReadyDescriptors.log(on: loops.loop, count: 20, urgent: 19)
        #expect(log.first == .handler(19))
        #expect(log.count == 40)
    }
}

/// Descriptors that are all readable. Each is read once, at last, and has a job done for it.
// @unchecked: touched on the loop only.
private final class ReadyDescriptors: @unchecked Sendable {
    enum Entry: Equatable {
        case handler(Int)
        case job
    }

    private let loop: EventLoop
    private let done: CheckedContinuation<[Entry], Never>
    private var watches: [DescriptorWatch?] = []
    private var descriptors: [Int32] = []
    private var log: [Entry] = []
    /// Calls that are not written down: until libevent takes all that is ready at a time.
    private var unwritten: Int

    private init(_ loop: EventLoop, count: Int, done: CheckedContinuation<[Entry], Never>) {
        self.loop = loop
        self.done = done
        unwritten = count > 32 ? 20 * count : 0
    }

    static func log(on loop: EventLoop, count: Int, urgent: Int? = nil) async -> [Entry] {
        await withCheckedContinuation { done in
            loop.execute { ReadyDescriptors(loop, count: count, done: done).begin(count, urgent) }
        }
    }

    private func begin(_ count: Int, _ urgent: Int?) {
        for number in 0..<count {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0, write(ends[1], "x", 1) == 1 else { continue }
            descriptors += ends
            watches.append(
                try? loop.watch(ends[0], .read, isUrgent: number == urgent) { [self] _ in ready(number) })
        }
    }

    private func ready(_ number: Int) {
        guard unwritten == 0 else {
            unwritten -= 1
            return
        }
        log.append(.handler(number))
        watches[number]?.cancel()
        loop.execute { [self] in
            log.append(.job)
            guard log.count == 2 * watches.count else { return }
            watches = []
            for descriptor in descriptors { close(descriptor) }
            done.resume(returning: log)
        }
    }
}
