/// Pauses between attempts to connect: doubled after each failure, capped, and spread so that a fleet does not knock
/// at once.
struct Backoff {
    let floor: Duration
    let ceiling: Duration
    /// Failures in a row.
    private(set) var failures = 0

    init(floor: Duration, ceiling: Duration) {
        self.floor = floor
        self.ceiling = ceiling
    }

    mutating func succeed() { failures = 0 }

    /// Counts a failure and says how long to wait: 50–100 % of the step, by `chance` in 0..<1.
    mutating func fail(chance: Double) -> Duration {
        let step = failures < 32 ? min(ceiling, floor * (1 << failures)) : ceiling
        failures += 1
        return step * (0.5 + 0.5 * chance)
    }
}
