internal import Metrics
internal import Synchronization

/// Times, counted into fixed buckets from 100 µs to 10 s, which is what an answer may take here.
final class HistogramSeries: TimerHandler {
    /// Upper bounds of the buckets in nanoseconds with their text in seconds. Whatever is longer goes into the last
    /// bucket, `+Inf`.
    static let bounds: [(nanoseconds: Int64, text: String)] = [
        (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"), (2_500_000, "0.0025"),
        (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"), (50_000_000, "0.05"), (100_000_000, "0.1"),
        (250_000_000, "0.25"), (500_000_000, "0.5"), (1_000_000_000, "1"), (2_500_000_000, "2.5"), (5_000_000_000, "5"),
        (10_000_000_000, "10"),
    ]

    private let buckets = InlineArray<17, Atomic<Int64>> { _ in Atomic(0) }
    private let nanoseconds = Atomic<Int64>(0)

    /// How many times each bucket was hit, the last being `+Inf`; not cumulative.
    var counts: [Int64] { buckets.indices.map { buckets[$0].load(ordering: .relaxed) } }

    /// The sum of all times in seconds.
    var sum: Double { Double(nanoseconds.load(ordering: .relaxed)) / 1e9 }

    func recordNanoseconds(_ duration: Int64) {
        // A clock that jumped back is no negative time.
        let duration = max(0, duration)
        var index = 0
        for bound in Self.bounds {
            if duration <= bound.nanoseconds { break }
            index += 1
        }
        buckets[min(index, buckets.count - 1)].wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(duration, ordering: .relaxed)
    }
}
