import EventLoop
import Testing

@Suite("Bell")
struct BellTests {
    @Test("everybody who sleeps is woken, and who comes later sleeps until the next time")
    func rings() async throws {
        let bell = Bell()
        for _ in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await bell.wait { false } } }
                group.addTask {
                    // As somebody who comes now and then: those who are late for one are in time for the next.
                    while !Task.isCancelled {
                        bell.ring()
                        await Task.yield()
                    }
                }
                for _ in 0..<4 { try await group.next() }
                group.cancelAll()
            }
        }
    }

    @Test("who asks when it has happened already does not sleep")
    func hasHappened() async throws {
        try await Bell().wait { true }
    }

    @Test("a cancelled sleeper wakes, before and after it has fallen asleep")
    func cancelled() async throws {
        let bell = Bell()
        for yields in 0..<20 {
            let sleeper = Task { try await bell.wait { false } }
            for _ in 0..<yields { await Task.yield() }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}
