import AllocationCounter
import Glibc

/// One part of the hot path, to be repeated.
struct Benchmark {
    let name: String
    /// Does it once; what it returns keeps the compiler from leaving it out.
    let run: () async -> Int

    /// Nanoseconds of CPU and allocations of one repetition: the best of several rounds, as everything else only adds.
    func measure(repetitions: Int, rounds: Int = 5) async -> (nanoseconds: Double, allocations: Double) {
        var best = Double.infinity
        var allocations = 0.0
        var sum = await run()
        for _ in 0..<rounds {
            let before = allocation_count()
            let begun = Self.now()
            for _ in 0..<repetitions { sum &+= await run() }
            best = min(best, Double(Self.now() - begun) / Double(repetitions))
            allocations = Double(allocation_count() - before) / Double(repetitions)
        }
        precondition(sum != 0)
        return (best, allocations)
    }

    /// Repeats it and nothing else, for a tool that counts instructions from outside.
    func repeated(_ repetitions: Int) async {
        var sum = 1
        for _ in 0..<repetitions { sum &+= await run() }
        precondition(sum != 0)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
