import Testing

@testable import Gateway

/// Time is a number here.
@Suite("Stillness")
struct StillnessTests {
    private let second: UInt64 = 1_000_000_000

    @Test("thousands of connections that ask for nothing are no reason to be awake: after five seconds it is still")
    func idleConnections() {
        var stillness = Stillness()
        let looks = (0..<3_600).map { number in
            // 10,000 have connected and asked once, before the first look.
            stillness.isStill(arrivals: 20_000, inFlight: 0, isDeserted: false, now: UInt64(number) * second)
        }
        #expect(looks.prefix(5).allSatisfy { !$0 })
        #expect(looks.dropFirst(5).allSatisfy { $0 })
    }

    @Test("one request ends it, for five seconds more")
    func request() {
        var stillness = Stillness()
        let looks = [(1, 0), (1, 9), (2, 10), (2, 14), (2, 15)].map { arrivals, seconds in
            stillness.isStill(arrivals: arrivals, inFlight: 0, isDeserted: false, now: seconds * second)
        }
        #expect(looks == [false, true, false, false, true])
    }

    @Test("a request in flight keeps awake until five seconds after its answer")
    func inFlight() {
        var stillness = Stillness()
        let looks = (0..<66).map { number in
            stillness.isStill(
                arrivals: 1, inFlight: number < 60 ? 1 : 0, isDeserted: number == 59, now: UInt64(number) * second)
        }
        #expect(looks.firstIndex(of: true) == 64)
    }

    @Test("with nobody connected it is still at once")
    func deserted() {
        var stillness = Stillness()
        let isStill = stillness.isStill(arrivals: 7, inFlight: 0, isDeserted: true, now: 0)
        #expect(isStill)
    }
}
