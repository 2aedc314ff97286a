internal import CLibevent
internal import Glibc

/// A call in the future, once. Loop thread only.
///
/// The loop holds a pending timer; releasing the last reference elsewhere does not cancel it, ``cancel()`` does.
public final class LoopTimer {
    private var event: OpaquePointer?
    private var handler: (() -> Void)?
    private var selfWhilePending: LoopTimer?

    fileprivate init(base: OpaquePointer, after delay: Duration, handler: @escaping () -> Void) {
        self.handler = handler
        event = event_new(
            base, -1, 0,
            { _, _, context in
                guard let context else { return }
                Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue().fire()
            }, Unmanaged.passUnretained(self).toOpaque())
        guard let event else { return }
        var interval = CoarseClock.interval(delay)
        if event_add(event, &interval) == 0 { selfWhilePending = self }
    }

    private func fire() {
        let handler = handler
        cancel()
        handler?()
    }

    /// Whether it has neither fired nor been cancelled.
    public var isPending: Bool { selfWhilePending != nil }

    /// Makes sure that the handler is not called any more. Calling it twice, or from the handler, is fine.
    public func cancel() {
        handler = nil
        if let event { event_free(event) }
        event = nil
        selfWhilePending = nil
    }
}

extension EventLoop {
    /// Calls `handler` on the loop once, `delay` from now (at once on the next turn when it is not positive).
    @discardableResult
    public func schedule(after delay: Duration, _ handler: @escaping () -> Void) -> LoopTimer {
        checkIsolated()
        return LoopTimer(base: base, after: delay, handler: handler)
    }
}

/// The kernel's coarse clock, by which libevent goes: it moves on by a tick of some milliseconds.
///
/// A timer that is due between two ticks wakes the thread when its time has come, is not due by that clock yet, and
/// wakes it every millisecond from then on until the tick. One that is due right before the tick wakes it once, at the
/// same tick.
enum CoarseClock {
    /// Nanoseconds from one tick to the next.
    private static let tick: Int64 = {
        var resolution = timespec()
        guard clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 else { return 0 }
        return nanoseconds(resolution)
    }()

    /// Beyond that, and without a tick, there is nothing to be gained.
    private static let longestTick: Int64 = 20_000_000
    private static let longestDelay = Duration.seconds(1_000_000_000)

    /// What libevent is to wait by its clock for `delay` to have passed by the exact one.
    static func interval(_ delay: Duration) -> timeval {
        guard delay > .zero else { return timeval() }
        let (seconds, attoseconds) = min(delay, longestDelay).components
        let wanted = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        guard tick > 0, tick <= longestTick else { return timeval(nanoseconds: wanted) }
        var coarse = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &coarse)
        let lag = max(0, Int64(clamping: monotonicNanoseconds()) - nanoseconds(coarse))
        let ticks = (wanted + lag + tick - 1) / tick
        return timeval(nanoseconds: ticks * tick - min(tick / 8, 500_000))
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension timeval {
    fileprivate init(nanoseconds: Int64) {
        self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1_000))
    }
}
