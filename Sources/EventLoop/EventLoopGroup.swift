internal import CLibevent
internal import Glibc
internal import Synchronization

/// The loops of a process, one thread each, sharing nothing (DESIGN.md section 4).
public final class EventLoopGroup: Sendable {
    /// All loops; the first runs on the thread that calls ``run()`` and is the one to watch signals.
    public let loops: [EventLoop]

    /// Makes the loops; no thread starts yet.
    ///
    /// - Parameter count: number of loops; 0 or less means one per core that is online.
    /// - Throws: ``EventLoopError``.
    public init(count: Int) throws {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        loops = try (0..<(count > 0 ? count : cores)).map { try EventLoop(name: "loop-\($0)") }
    }

    /// Runs the first loop on the calling thread and the others on threads of their own; returns when all have stopped.
    ///
    /// Signals are blocked in the other threads, so that only the first loop's thread is ever interrupted.
    public func run() {
        let threads = loops.dropFirst().compactMap { loop in Self.startThread(loop) }
        loops[0].run()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Makes ``run()`` return. From any thread.
    public func stop() {
        for loop in loops { loop.stop() }
    }

    private static func startThread(_ loop: EventLoop) -> pthread_t? {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(loop)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let loop = Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
                customers_name_thread(loop.name)
                loop.run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return nil
        }
        return thread
    }
}
