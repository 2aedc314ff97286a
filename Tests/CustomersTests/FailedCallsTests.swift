@testable import Customers
import Synchronization
import Testing
import TestSupport

@Suite("Failed calls")
struct FailedCallsTests {
    private let stores = MemoryStores()
    private let clock = DomainFixture.Clock()

    private func failedCalls(_ count: Int = 3) -> FailedCalls {
        let clock = clock
        return FailedCalls(
            limiter: stores, limit: RateLimit(count: count, seconds: 60), executor: nil, now: { clock.now })
    }

    /// Notes failures until one is refused; returns its number and the seconds.
    private func refusal(_ calls: FailedCalls, _ caller: String) async -> (number: Int, seconds: Int)? {
        for number in 1...1_000 {
            if let seconds = calls.note(caller) { return (number, seconds) }
            await Task.yield()
        }
        return nil
    }

    @Test("who fails too often is refused until the time has come; others are not")
    func refused() async throws {
        let calls = failedCalls()
        let refusal = try #require(await refusal(calls, "ip:192.0.2.1"))
        #expect(refusal.number > 3 && refusal.seconds == 60)
        #expect(calls.note("ip:192.0.2.2") == nil)
        let asked = stores.calls.count
        clock.advance(milliseconds: 59_500)
        #expect(calls.note("ip:192.0.2.1") == 1)
        // Once it is known, the store is asked no more.
        #expect(stores.calls.count <= asked + 1)
        clock.advance(milliseconds: 501)
        #expect(calls.note("ip:192.0.2.1") == nil)
    }

    @Test("what one loop counted, the others learn")
    func fleet() async throws {
        let (one, two) = (failedCalls(), failedCalls())
        _ = try #require(await refusal(one, "ip:192.0.2.1"))
        #expect(try #require(await refusal(two, "ip:192.0.2.1")).number >= 2)
    }

    @Test("without the store, and without a limit, failures are what they are")
    func notCounted() async {
        stores.fail("takeToken", times: .max)
        #expect(await refusal(failedCalls(), "ip:192.0.2.1") == nil)
        let unlimited = FailedCalls(limiter: stores, limit: nil, executor: nil, now: { 0 })
        #expect(await refusal(unlimited, "ip:192.0.2.1") == nil)
    }
}
