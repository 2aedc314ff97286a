import Testing

@testable import FastCGI

@Suite("Arrival bell")
struct ArrivalBellTests {
    @Test("everybody who sleeps is woken, and who comes later sleeps until the next time")
    func rings() async throws {
        let bell = ArrivalBell()
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

    @Test("who asks when somebody has come already does not sleep")
    func hasCome() async throws {
        try await ArrivalBell().wait { true }
    }

    @Test("a cancelled sleeper wakes, before and after it has fallen asleep")
    func cancelled() async throws {
        let bell = ArrivalBell()
        for yields in 0..<20 {
            let sleeper = Task { try await bell.wait { false } }
            for _ in 0..<yields { await Task.yield() }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}
