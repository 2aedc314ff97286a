import EventLoop
import Glibc

// micro                     a line for each part: name, nanoseconds of CPU, allocations
// micro NAME REPETITIONS    repeats one part, to be run under a tool that counts instructions
//
// On an event loop of the daemon's, on the main thread.
func runBenchmarks() async throws {
    let benchmarks = try await Suite().benchmarks
    guard CommandLine.arguments.count == 3, let repetitions = Int(CommandLine.arguments[2]) else {
        for benchmark in benchmarks {
            let (nanoseconds, allocations) = await benchmark.measure(repetitions: 20_000)
            print(benchmark.name, nanoseconds.rounded(), allocations)
        }
        return
    }
    guard let benchmark = benchmarks.first(where: { $0.name == CommandLine.arguments[1] }) else { exit(2) }
    await benchmark.repeated(repetitions)
}

let group = try EventLoopGroup(count: 1)
let loop = group.loops[0]
loop.execute {
    Task(executorPreference: loop) {
        do {
            try await runBenchmarks()
        } catch {
            print("micro: \(error)")
            exit(1)
        }
        fflush(nil)
        exit(0)
    }
}
group.run()
