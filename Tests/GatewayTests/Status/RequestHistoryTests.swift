import Testing

@testable import Gateway

@Suite("Request history")
struct RequestHistoryTests {
    @Test("each sample counts what came since the last")
    func counts() {
        var history = RequestHistory()
        for (number, total) in [10, 10, 25, 26].enumerated() { history.sample(total: total, at: Self.time(number * 5)) }
        #expect(history.counts == [0, 15, 1])
    }

    @Test("a late sample leaves the time before empty, an early one waits for the next, also when the clock stands")
    func late() {
        var history = RequestHistory()
        for (second, total) in [(0, 1), (5, 2), (6, 3), (7, 4), (10, 5), (30, 9), (30, 10), (34, 12)] {
            history.sample(total: total, at: Self.time(second))
        }
        #expect(history.counts == [1, 3, 0, 0, 0, 4, 3])
        history.sample(total: 12, at: Self.time(1_000_000))
        #expect(history.counts == Array(repeating: 0, count: RequestHistory.capacity))
    }

    private static func time(_ seconds: Int) -> UInt64 { UInt64(seconds) * 1_000_000_000 + 7 }

    @Test("it forgets what is older than ten minutes")
    func capacity() {
        var history = RequestHistory()
        for total in 0...RequestHistory.capacity + 5 { history.sample(total: total * total, at: Self.time(total * 5)) }
        #expect(history.counts.count == RequestHistory.capacity)
        #expect(history.counts.last == (RequestHistory.capacity + 5) * 2 - 1)
    }

    @Test("the sparkline spans its box, the highest at the top")
    func sparkline() {
        let svg = Sparkline(values: [0, 5, 10], width: 100, height: 20).svg()
        #expect(svg.contains(#"points="0.0,18.0 50.0,10.0 100.0,2.0""#))
        #expect(!Sparkline(values: [1]).svg().contains("polyline"))
        #expect(Sparkline(values: [0, 0], width: 10, height: 20).svg().contains("0.0,18.0 10.0,18.0"))
    }
}
