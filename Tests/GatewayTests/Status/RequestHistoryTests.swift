import Testing

@testable import Gateway

@Suite("Request history")
struct RequestHistoryTests {
    @Test("each sample counts what came since the last")
    func counts() {
        var history = RequestHistory()
        for total in [10, 10, 25, 26] { history.sample(total: total) }
        #expect(history.counts == [0, 15, 1])
    }

    @Test("it forgets what is older than ten minutes")
    func capacity() {
        var history = RequestHistory()
        for total in 0...RequestHistory.capacity + 5 { history.sample(total: total * total) }
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
