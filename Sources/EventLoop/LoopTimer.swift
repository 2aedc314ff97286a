internal import CLibevent

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
        let (seconds, attoseconds) = max(delay, .zero).components
        var interval = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
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
