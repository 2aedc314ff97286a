internal import CLibevent
internal import Glibc
internal import Synchronization

// @unchecked: `base` and `jobs` are touched on the loop's thread only; what other threads hand over goes through
// `inbox`.
/// One thread's worth of work: a libevent base that is also a Swift executor (DESIGN.md section 4).
///
/// Sockets, timers and Swift jobs take turns on the thread that called ``run()``. Actors whose `unownedExecutor` is a
/// loop, and tasks created with the loop as executor preference, run there and nowhere else, so what a loop owns needs
/// no lock. ``enqueue(_:)``, ``execute(_:)`` and ``stop()`` may be called from any thread; everything else only on the
/// loop.
public final class EventLoop: @unchecked Sendable {
    /// Names the loop in logs and as thread name.
    public let name: String

    let base: OpaquePointer
    private let wakeDescriptor: Int32
    private var wakeWatch: DescriptorWatch?
    private let thread = Atomic<UInt>(0)
    private let inbox = Mutex<[LoopJob]>([])
    private var jobs: [LoopJob] = []
    private var running: [LoopJob] = []
    private let stopping = Atomic<Bool>(false)
    private var handled = 0

    /// Jobs run between two looks at the sockets at most, so that a chain of jobs cannot starve them.
    private static let jobBudget = 128
    /// Descriptors served before the jobs that came of them run: after a burst thousands of sockets can be
    /// ready at a time, and what each of them had to say would lie in memory until the last of them was read.
    private static let handlerBudget = 32

    /// Makes a loop that does nothing until ``run()``.
    ///
    /// - Parameter name: at most 15 bytes are shown as the thread's name.
    /// - Throws: ``EventLoopError`` when the kernel refuses the descriptors.
    public init(name: String = "loop") throws {
        self.name = name
        guard let config = event_config_new() else { throw EventLoopError.outOfMemory }
        defer { event_config_free(config) }
        // Only the loop's own thread calls into the base.
        event_config_set_flag(config, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        // A timer begins when it is set, not when the turn of the loop began that sets it.
        event_config_set_flag(config, Int32(EVENT_BASE_FLAG_NO_CACHE_TIME.rawValue))
        guard let base = event_base_new_with_config(config) else {
            throw EventLoopError.failed(call: "event_base_new", errno)
        }
        event_base_priority_init(base, EventPriority.count)
        let descriptor = customers_eventfd()
        guard descriptor >= 0 else {
            let code = errno
            event_base_free(base)
            throw EventLoopError.failed(call: "eventfd", code)
        }
        self.base = base
        wakeDescriptor = descriptor
        let watch = DescriptorWatch(
            base: base, loop: nil, descriptor: descriptor, events: .read, edgeTriggered: true
        ) { _ in }
        guard watch.start() else { throw EventLoopError.failed(call: "event_add", errno) }
        wakeWatch = watch
    }

    deinit {
        wakeWatch?.cancel()
        event_base_free(base)
        close(wakeDescriptor)
    }

    /// Whether the caller is on this loop's thread.
    public var inLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs the loop on the calling thread until ``stop()``. A loop runs once at a time.
    public func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        defer { thread.store(0, ordering: .relaxed) }
        while !stopping.load(ordering: .acquiring) {
            runJobs()
            handled = 0
            let mode = jobs.isEmpty ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK
            if event_base_loop(base, mode) < 0 { break }
            var handed: [LoopJob] = []
            inbox.withLock { swap(&$0, &handed) }
            if jobs.isEmpty { swap(&jobs, &handed) } else { jobs.append(contentsOf: handed) }
        }
        stopping.store(false, ordering: .releasing)
    }

    /// Makes ``run()`` return after the jobs and events at hand.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        wake()
    }

    /// Runs `body` on the loop, soon and in order. From any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        add(.closure(body))
    }

    /// Monotonic nanoseconds, the clock of all deadlines.
    public var now: UInt64 { monotonicNanoseconds() }

    func add(_ job: LoopJob) {
        if inLoop {
            jobs.append(job)
            return
        }
        let first = inbox.withLock { waiting in
            waiting.append(job)
            return waiting.count == 1
        }
        if first { wake() }
    }

    private func wake() {
        // A full counter (EAGAIN) already means "awake".
        customers_eventfd_wake(wakeDescriptor)
    }

    /// Called after each handler. What is ready besides keeps its place; the next turn goes on with it.
    func handlerReturned() {
        handled += 1
        if handled >= Self.handlerBudget, !jobs.isEmpty { event_base_loopbreak(base) }
    }

    private func runJobs() {
        var budget = Self.jobBudget
        while !jobs.isEmpty, budget > 0 {
            swap(&jobs, &running)
            for job in running {
                switch job {
                case .task(let job):
                    job.runSynchronously(
                        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
                case .closure(let body): body()
                }
            }
            budget -= running.count
            running.removeAll(keepingCapacity: true)
        }
    }
}

/// What waits for its turn on a loop.
enum LoopJob {
    case task(UnownedJob)
    case closure(@Sendable () -> Void)
}

/// Monotonic nanoseconds since some fixed point.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Which of the descriptors that are ready come first.
enum EventPriority {
    static let urgent: Int32 = 0
    static let usual: Int32 = 1
    static let count: Int32 = 2
}
