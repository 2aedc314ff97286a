import Testing

@testable import FastCGI

/// Time is a number here.
@Suite("Watch for deadlines")
struct DeadlineWatchTests {
    private static let second: UInt64 = 1_000_000_000
    private static let idleTimeout = 75 * second
    private static let slack = DeadlineWatch.slack(idleTimeout, isIdle: true)

    @Test("10,000 connections that lie idle, each used at another time, are looked at once in some seconds")
    func idle() {
        var watch = DeadlineWatch()
        var deadlines = (0..<10_000).map { Self.idleTimeout + UInt64($0) * 7_000_000 }
        for deadline in deadlines { _ = watch.mind(deadline, slack: Self.slack) }
        var looks = 0
        var latest: UInt64 = 0
        while let due = watch.due {
            looks += 1
            #expect(due > latest)
            latest = due
            let passed = deadlines.filter { $0 <= due }
            #expect(passed.allSatisfy { due - $0 <= Self.slack })
            deadlines.removeAll { $0 <= due }
            watch.look()
            for deadline in deadlines { _ = watch.mind(deadline, slack: Self.slack) }
        }
        // The deadlines lie within 70 seconds, and each look is for nine of them.
        #expect(deadlines.isEmpty && looks <= 9, "\(looks) looks")
        #expect(latest >= Self.idleTimeout)
    }

    @Test("a connection that is used again and again has one look in its time-out")
    func used() {
        var watch = DeadlineWatch()
        var looks = 0
        for now in stride(from: 0, to: 3_600 * Self.second, by: Int(Self.second) / 10) {
            if let due = watch.due, due <= now {
                looks += 1
                watch.look()
            }
            _ = watch.mind(now + Self.idleTimeout, slack: Self.slack)
        }
        #expect(looks <= 3_600 / 75, "\(looks) looks")
    }

    @Test("a request that is on its way is not left to the slow look at those who are idle")
    func sooner() {
        var watch = DeadlineWatch()
        let isFirstSooner = watch.mind(Self.idleTimeout, slack: Self.slack)
        let isRequestSooner = watch.mind(5 * Self.second, slack: DeadlineWatch.slack(5 * Self.second))
        #expect(isFirstSooner && isRequestSooner)
        #expect(watch.due == 5 * Self.second + Self.second / 2)
        let isLaterSooner = watch.mind(6 * Self.second, slack: Self.second / 2)
        #expect(!isLaterSooner && watch.due == 5 * Self.second + Self.second / 2)
    }

    @Test("with nothing to mind there is nothing to wake up for")
    func nothing() {
        var watch = DeadlineWatch()
        #expect(watch.due == nil)
        _ = watch.mind(Self.second, slack: 0)
        watch.look()
        #expect(watch.due == nil)
    }
}
