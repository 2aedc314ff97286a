@testable import Customers
import Testing

@Suite("Queue delay")
struct QueueDelayTests {
    @Test("a burst is let through, a load is not, and once it is known there is no grace")
    func burstAndLoad() {
        var queue = QueueDelay(target: 100)
        var admitted = [queue.admits(delay: 100, at: 0)]
        for time in stride(from: 10, to: 510, by: 10) { admitted.append(queue.admits(delay: 101, at: Int64(time))) }
        #expect(admitted.allSatisfy { $0 })
        let late = queue.admits(delay: 101, at: 510)
        // It empties, and fills again at once: the same load.
        let again = [queue.admits(delay: 0, at: 520), queue.admits(delay: 101, at: 530)]
        #expect(!late && again == [true, false])
        // A second without a refusal is peace.
        admitted = stride(from: 540, through: 1_540, by: 10).map { queue.admits(delay: 5, at: Int64($0)) }
        admitted.append(queue.admits(delay: 101, at: 1_541))
        #expect(admitted.allSatisfy { $0 })
    }

    @Test("who comes seldom is no load, however long each waits")
    func seldom() {
        var queue = QueueDelay(target: 100)
        let admitted = stride(from: 0, to: 60_000, by: 501).map { queue.admits(delay: 900, at: Int64($0)) }
        #expect(admitted.allSatisfy { $0 })
    }

    @Test("at three times the capacity the queue stays near its target and the server busy")
    func overload() {
        // A server that does one piece of work a millisecond, three of which come each.
        var queue = QueueDelay(target: 100)
        var backlog: Int64 = 0
        var (done, worst) = (0, Int64(0))
        for time in 0..<10_000 as Range<Int64> {
            for _ in 0..<3 where queue.admits(delay: backlog, at: time) { backlog += 1 }
            if time > 2_000 {
                worst = max(worst, backlog)
                if backlog > 0 { done += 1 }
            }
            backlog = max(0, backlog - 1)
        }
        #expect(Double(done) >= 0.9 * 7_999)
        #expect(worst <= 200)
    }
}
