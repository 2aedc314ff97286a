import TestSupport
import Testing

@testable import RocketChatBackend

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private static let failure = CircuitBreaker.Verdict.failed("no connection")

    private func ticket(_ breaker: inout CircuitBreaker, at now: Int64) throws -> CircuitBreaker.Ticket {
        guard case .pass(let ticket) = breaker.admit(at: now) else { throw Refused() }
        return ticket
    }

    private struct Refused: Error {}

    /// A call that is over in no time.
    private func call(
        _ breaker: inout CircuitBreaker, _ verdict: CircuitBreaker.Verdict, at now: Int64
    ) throws -> CircuitBreaker.Change? {
        breaker.finish(try ticket(&breaker, at: now), verdict, at: now)
    }

    /// Open since `now`.
    private func opened(at now: Int64) throws -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { _ = try call(&breaker, Self.failure, at: now) }
        #expect(breaker.state(at: now) == .open)
        return breaker
    }

    @Test("the fifth failure in a row opens it, and says what it was")
    func consecutive() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<4 { #expect(try call(&breaker, .failed("status 502"), at: 0) == nil) }
        #expect(breaker.state(at: 0) == .closed)
        let change = try call(&breaker, Self.failure, at: 0)
        #expect(change == .opened(reason: "5 failures in a row, the last: no connection"))
        #expect(breaker.state(at: 0) == .open)
        #expect(breaker.admit(at: 0) == .refused(1_000))
    }

    @Test("an answer in between begins the count anew")
    func interrupted() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<3 {
            for _ in 0..<4 { #expect(try call(&breaker, Self.failure, at: 0) == nil) }
            #expect(try call(&breaker, .answered, at: 0) == nil)
        }
        #expect(breaker.state(at: 0) == .closed)
    }

    @Test("half of twenty calls within ten seconds open it, fewer or older ones do not")
    func rate() throws {
        // Failures never come five in a row here.
        let alternating = (0..<20).map { $0.isMultiple(of: 2) ? CircuitBreaker.Verdict.answered : Self.failure }
        var breaker = CircuitBreaker()
        for verdict in alternating.dropLast() { #expect(try call(&breaker, verdict, at: 500) == nil) }
        let change = try call(&breaker, Self.failure, at: 9_999)
        #expect(change == .opened(reason: "10 of 20 calls in 10 s failed, the last: no connection"))

        breaker = CircuitBreaker()
        for verdict in alternating.dropLast() { _ = try call(&breaker, verdict, at: 500) }
        #expect(try call(&breaker, Self.failure, at: 10_000) == nil)

        breaker = CircuitBreaker()
        _ = try call(&breaker, .answered, at: 0)
        for verdict in alternating { #expect(try call(&breaker, verdict, at: 0) == nil) }
        #expect(breaker.state(at: 0) == .closed)
    }

    @Test("a call that tells nothing neither counts as a failure nor ends a row of them")
    func unknown() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<100 { #expect(try call(&breaker, .unknown, at: 0) == nil) }
        for _ in 0..<4 { _ = try call(&breaker, Self.failure, at: 0) }
        _ = try call(&breaker, .unknown, at: 0)
        #expect(try call(&breaker, Self.failure, at: 0) != nil)
    }

    @Test("while it is open one call a second goes through, one at a time")
    func probes() throws {
        var breaker = try opened(at: 0)
        #expect(breaker.admit(at: 999) == .refused(1))
        let first = try ticket(&breaker, at: 1_000)
        #expect(breaker.state(at: 1_000) == .halfOpen)
        // A second later it still waits for the first.
        #expect(breaker.admit(at: 2_500) == .refused(1_500))
        #expect(breaker.finish(first, Self.failure, at: 2_600) == nil)
        #expect(breaker.state(at: 2_600) == .open)
        let second = try ticket(&breaker, at: 2_600)
        #expect(breaker.finish(second, Self.failure, at: 2_601) == nil)
        #expect(breaker.admit(at: 2_602) == .refused(998))
        _ = try ticket(&breaker, at: 3_600)
    }

    @Test("an answer to the probe closes it, and it takes five failures again to open it")
    func recovery() throws {
        var breaker = try opened(at: 0)
        let change = try call(&breaker, .answered, at: 1_200)
        #expect(change == .closed(afterMilliseconds: 1_200))
        #expect(breaker.state(at: 1_200) == .closed)
        for _ in 0..<4 { #expect(try call(&breaker, Self.failure, at: 1_200) == nil) }
        #expect(try call(&breaker, Self.failure, at: 1_200) != nil)
    }

    @Test("calls sent before it opened have no say, however they end")
    func lateAnswers() throws {
        var breaker = CircuitBreaker()
        var early: [CircuitBreaker.Ticket] = []
        for _ in 0..<30 { early.append(try ticket(&breaker, at: 0)) }
        var changes: [CircuitBreaker.Change] = []
        for ticket in early.prefix(10) {
            if let change = breaker.finish(ticket, Self.failure, at: 10_000) { changes.append(change) }
        }
        #expect(changes.count == 1)
        #expect(breaker.finish(early[10], .answered, at: 10_000) == nil)
        #expect(breaker.state(at: 10_000) == .open)

        let probe = try ticket(&breaker, at: 11_000)
        #expect(breaker.finish(early[11], Self.failure, at: 11_001) == nil)
        #expect(breaker.finish(early[12], .answered, at: 11_001) == nil)
        #expect(breaker.state(at: 11_001) == .halfOpen)
        #expect(breaker.finish(probe, .answered, at: 11_002) == .closed(afterMilliseconds: 1_002))

        for ticket in early[13...] { #expect(breaker.finish(ticket, Self.failure, at: 11_003) == nil) }
        #expect(breaker.state(at: 11_003) == .closed)
    }

    @Test("a probe without an answer holds up the next for three seconds, and its late answer still counts")
    func lostProbe() throws {
        var breaker = try opened(at: 0)
        let lost = try ticket(&breaker, at: 1_000)
        #expect(breaker.admit(at: 3_999) == .refused(1))
        #expect(breaker.state(at: 4_000) == .open)
        let second = try ticket(&breaker, at: 4_000)
        // The first one's end says nothing about the second.
        #expect(breaker.finish(lost, Self.failure, at: 4_500) == nil)
        #expect(breaker.admit(at: 5_500) == .refused(1_500))
        let third = try ticket(&breaker, at: 7_000)
        #expect(breaker.finish(second, .answered, at: 7_100) == .closed(afterMilliseconds: 7_100))
        #expect(breaker.finish(third, Self.failure, at: 7_200) == nil)
        #expect(breaker.state(at: 7_200) == .closed)
    }

    @Test("a probe whose caller went away neither closes it nor holds up the next")
    func cancelledProbe() throws {
        var breaker = try opened(at: 0)
        #expect(try call(&breaker, .unknown, at: 1_000) == nil)
        #expect(breaker.state(at: 1_000) == .open)
        #expect(try call(&breaker, .answered, at: 2_000) != nil)
    }

    @Test("only a call made while it is closed, and since, may be sent again")
    func repetition() throws {
        var breaker = CircuitBreaker()
        let early = try ticket(&breaker, at: 0)
        #expect(breaker.mayRepeat(early))
        for _ in 0..<5 { _ = try call(&breaker, Self.failure, at: 0) }
        #expect(!breaker.mayRepeat(early))
        let probe = try ticket(&breaker, at: 1_000)
        #expect(!breaker.mayRepeat(probe))
        _ = breaker.finish(probe, .answered, at: 1_000)
        #expect(!breaker.mayRepeat(early))
        #expect(breaker.mayRepeat(try ticket(&breaker, at: 1_000)))
    }

    @Test("whatever goes wrong, a server that is back is noticed within five seconds", arguments: 0..<50)
    func noticed(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        var breaker = CircuitBreaker()
        var flights: [(end: Int64, ticket: CircuitBreaker.Ticket, verdict: CircuitBreaker.Verdict)] = []
        let back: Int64 = 60_000
        var probes: [Int64] = []
        var noticed: Int64?
        for now in stride(from: Int64(0), to: back + 20_000, by: 20) {
            for flight in flights where flight.end <= now {
                _ = breaker.finish(flight.ticket, flight.verdict, at: now)
            }
            flights.removeAll { $0.end <= now }
            let isOpen = breaker.state(at: now) != .closed
            guard case .pass(let ticket) = breaker.admit(at: now) else { continue }
            if isOpen { probes.append(now) }
            if now >= back {
                flights.append((now + 50, ticket, .answered))
            } else {
                // Fails at once, is cancelled, or hangs until its time-out, which may be after the server is back.
                let verdict = Int.random(in: 0..<8, using: &random) == 0 ? CircuitBreaker.Verdict.unknown : Self.failure
                let end = Bool.random(using: &random) ? now : now + Int64.random(in: 0...10_000, using: &random)
                flights.append((end, ticket, verdict))
            }
            if now >= back, noticed == nil { noticed = now }
        }
        #expect(try #require(noticed) < back + 5_000)
        #expect(probes.count >= 10)
        #expect(zip(probes, probes.dropFirst()).allSatisfy { $1 - $0 >= 1_000 })
        #expect(breaker.state(at: back + 20_000) == .closed)
    }
}
