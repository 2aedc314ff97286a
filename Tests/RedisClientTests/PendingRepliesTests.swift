@testable import RedisClient
import Testing

@Suite("Pending replies")
struct PendingRepliesTests {
    private func entry(_ ticket: UInt64, bytes: Int = 1) -> PendingReplies.Entry {
        PendingReplies.Entry(ticket: ticket, bytes: bytes, sent: 0, deadline: ticket, waiter: nil)
    }

    @Test("replies go to the commands in their order, however long the line was")
    func order() {
        var pending = PendingReplies()
        var next: UInt64 = 1
        var expected: UInt64 = 1
        for round in 0..<5_000 {
            for _ in 0..<(round % 7) {
                pending.append(entry(next))
                next += 1
            }
            for _ in 0..<(round % 5) where pending.count > 0 {
                #expect(pending.removeFirst()?.ticket == expected)
                expected += 1
            }
            #expect(pending.count == Int(next - expected))
            #expect(pending.bytes == pending.count)
            #expect(pending.first?.ticket == (pending.count == 0 ? nil : expected))
        }
    }

    @Test("an abandoned command keeps its place, and only the right one is told")
    func abandon() async {
        let results = await withTaskGroup(of: (UInt64, RedisError?).self) { group in
            let line = Line()
            for ticket: UInt64 in 1...3 {
                group.addTask {
                    let result = await withUnsafeContinuation { waiter in
                        Task { await line.append(ticket, waiter) }
                    }
                    guard case .failure(let error) = result else { return (ticket, nil) }
                    return (ticket, error)
                }
            }
            await line.finish()
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1?.code }
        }
        #expect(results == [2: .cancelled])
    }

    @Test("the time of commands that came with little of it is up first, whoever stands before them")
    func giveUp() {
        var pending = PendingReplies()
        for (sent, deadline): (UInt64, UInt64) in [(0, 1_000), (100, 200), (100, 300), (110, 1_109), (400, 350)] {
            pending.append(.init(ticket: 0, bytes: 1, sent: sent, deadline: deadline, waiter: nil))
        }
        let failure = { (_: UInt64) in RedisError.cancelled }
        #expect(pending.giveUp(at: 150, within: 1_000, failure) == 200)
        #expect(pending.giveUp(at: 250, within: 1_000, failure) == 300)
        #expect(pending.giveUp(at: 450, within: 1_000, failure) == nil)
        #expect(pending.count == 5)
    }

    /// Gathers three waiters, abandons the second, answers all places.
    private actor Line {
        private var waiters: [UInt64: ReplyWaiter] = [:]
        private var complete: CheckedContinuation<Void, Never>?

        func append(_ ticket: UInt64, _ waiter: ReplyWaiter) {
            waiters[ticket] = waiter
            if waiters.count == 3 { complete?.resume() }
        }

        func finish() async {
            if waiters.count < 3 { await withCheckedContinuation { complete = $0 } }
            var pending = PendingReplies()
            for ticket: UInt64 in 1...3 {
                pending.append(
                    .init(ticket: ticket * 10, bytes: 1, sent: 0, deadline: 0, waiter: waiters[ticket]))
            }
            #expect(pending.abandon(15) == nil)
            pending.abandon(20)?.resume(returning: .failure(.cancelled))
            #expect(pending.abandon(20) == nil)
            #expect(pending.count == 3)
            #expect(pending.removeFirst()?.ticket == 10)
            waiters[1]?.resume(returning: .success(.null))
            let second = pending.removeFirst()
            #expect(second?.ticket == 20)
            #expect(second?.waiter == nil)
            #expect(pending.abandon(10) == nil)
            for waiter in pending.removeAll() { waiter.resume(returning: .success(.null)) }
            #expect(pending.count == 0)
            #expect(pending.bytes == 0)
        }
    }
}
