/// How many calls of the last ten seconds failed, to the second.
struct CircuitBreakerWindow {
    private struct Second {
        var number: Int64 = -1
        var calls = 0
        var failures = 0
    }

    private static let length: Int64 = 10
    private var seconds = [Second](repeating: Second(), count: Int(length))

    /// Notes what became of a call; `now` is in milliseconds and never less than before.
    mutating func note(isFailure: Bool, at now: Int64) {
        let number = now / 1_000
        let index = Int(number.magnitude % Self.length.magnitude)
        if seconds[index].number != number { seconds[index] = Second(number: number) }
        seconds[index].calls += 1
        if isFailure { seconds[index].failures += 1 }
    }

    /// Calls and failures in the ten seconds that end at `now`.
    func counts(at now: Int64) -> (calls: Int, failures: Int) {
        let oldest = now / 1_000 - Self.length
        return seconds.reduce(into: (0, 0)) { counts, second in
            guard second.number > oldest else { return }
            counts.0 += second.calls
            counts.1 += second.failures
        }
    }
}
