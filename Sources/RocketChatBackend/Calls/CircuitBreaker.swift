/// Decides whether a server is asked at all: one that keeps failing is left alone, so that callers have their answer at
/// once and it can recover (hazards, breaker and retries).
///
/// ```
///           5 failures in a row, or half of ≥ 20 calls in 10 s
///   closed ───────────────────────────────────────────────────▶ open ◀───────┐
///      ▲                                                a second │           │ none
///      │                                                         ▼           │
///      └────────────────────── an answer ─────────────────── half-open ──────┘
/// ```
///
/// Nobody is asked without a caller: the first call after a second is the probe, and there is no timer. Each change
/// begins an era, and a call that was sent in an earlier one has no say: the many that were in flight when it opened
/// neither close it by a late answer, nor open it again by a late time-out. Times are milliseconds of a clock that
/// never goes back.
struct CircuitBreaker {
    /// Goes along with a call that is let through.
    struct Ticket: Equatable {
        fileprivate let era: Int
        /// The probe's number; nil for all calls while it is closed.
        fileprivate let probe: Int?
    }

    /// Whether a call may be made.
    enum Admission: Equatable {
        /// Yes; ``CircuitBreaker/finish(_:_:at:)`` is told how it went.
        case pass(Ticket)
        /// No, and not before so many milliseconds.
        case refused(Int64)
    }

    /// What became of a call, as far as it tells about the server.
    enum Verdict: Equatable {
        /// It is there, whatever it said.
        case answered
        /// It is not, or not well.
        case failed(String)
        /// The call came to its end for our own reasons.
        case unknown
    }

    /// What is worth a line in the log.
    enum Change: Equatable {
        case opened(reason: String)
        case closed(afterMilliseconds: Int64)
    }

    private struct Opening {
        var since: Int64
        /// Of the last call that failed.
        var reason: String
        var nextProbe: Int64
        /// The number of the probe that is waited for, and until when.
        var probe: (number: Int, patience: Int64)?
        var probes = 0
    }

    private static let failuresInARow = 5
    private static let callsToJudge = 20
    private static let betweenProbes: Int64 = 1_000
    /// A probe without an answer for so long holds up the next no longer: its connection may be dead although the
    /// server is back, and recovery is to be noticed within 5 s (DESIGN.md section 2). It goes on, for its caller.
    private static let patience: Int64 = 3_000

    private var era = 0
    private var consecutive = 0
    private var window = CircuitBreakerWindow()
    private var opening: Opening?

    /// Open or closed; half-open while a probe is waited for.
    func state(at now: Int64) -> CircuitBreakerState {
        guard let opening else { return .closed }
        return opening.probe.map { now < $0.patience } ?? false ? .halfOpen : .open
    }

    /// Why the last call failed; nil while it is closed.
    var reason: String? { opening?.reason }

    /// Whether the call at hand may be made now.
    mutating func admit(at now: Int64) -> Admission {
        guard var opening else { return .pass(Ticket(era: era, probe: nil)) }
        if let probe = opening.probe, now < probe.patience { return .refused(probe.patience - now) }
        guard now >= opening.nextProbe else { return .refused(opening.nextProbe - now) }
        opening.probes &+= 1
        opening.nextProbe = now + Self.betweenProbes
        opening.probe = (opening.probes, now + Self.patience)
        self.opening = opening
        return .pass(Ticket(era: era, probe: opening.probes))
    }

    /// Whether a call that failed may be sent again: not as a probe, nor when it has opened meanwhile.
    func mayRepeat(_ ticket: Ticket) -> Bool { ticket.era == era && ticket.probe == nil }

    /// Takes what became of a call that was let through; each ticket once.
    mutating func finish(_ ticket: Ticket, _ verdict: Verdict, at now: Int64) -> Change? {
        guard ticket.era == era else { return nil }
        guard let opening else { return judge(verdict, at: now) }
        switch verdict {
        case .answered:
            begin(nil)
            return .closed(afterMilliseconds: now - opening.since)
        case .failed, .unknown:
            if case .failed(let reason) = verdict { self.opening?.reason = reason }
            if opening.probe?.number == ticket.probe { self.opening?.probe = nil }
            return nil
        }
    }

    private mutating func judge(_ verdict: Verdict, at now: Int64) -> Change? {
        switch verdict {
        case .unknown: return nil
        case .answered:
            consecutive = 0
            window.note(isFailure: false, at: now)
            return nil
        case .failed(let reason):
            consecutive += 1
            window.note(isFailure: true, at: now)
            let (calls, failures) = window.counts(at: now)
            let sum: String
            if consecutive >= Self.failuresInARow {
                sum = "\(consecutive) failures in a row"
            } else if calls >= Self.callsToJudge, failures * 2 >= calls {
                sum = "\(failures) of \(calls) calls in 10 s failed"
            } else {
                return nil
            }
            begin(Opening(since: now, reason: reason, nextProbe: now + Self.betweenProbes))
            return .opened(reason: "\(sum), the last: \(reason)")
        }
    }

    private mutating func begin(_ opening: Opening?) {
        era &+= 1
        consecutive = 0
        window = CircuitBreakerWindow()
        self.opening = opening
    }
}
