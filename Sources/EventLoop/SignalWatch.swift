internal import CLibevent
internal import Glibc

/// A handler called on the loop when the process gets a signal. Loop thread only; one loop of a process may watch
/// signals.
///
/// libevent installs its own handler, so a watch made after `FCGX_Init` takes the signals back from libfcgi (hazard
/// H7).
public final class SignalWatch {
    private var event: OpaquePointer?
    private let handler: () -> Void

    fileprivate init(base: OpaquePointer, signal: Int32, handler: @escaping () -> Void) {
        self.handler = handler
        event = event_new(
            base, signal, Int16(EV_SIGNAL | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<SignalWatch>.fromOpaque(context).takeUnretainedValue().handler()
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate func start() -> Bool {
        guard let event else { return false }
        return event_add(event, nil) == 0
    }

    /// Gives the signal its former disposition back. Calling it twice is fine.
    public func cancel() {
        if let event { event_free(event) }
        event = nil
    }

    deinit { cancel() }
}

extension EventLoop {
    /// Calls `handler` on the loop each time the process gets `signal`.
    ///
    /// - Throws: ``EventLoopError`` when the signal cannot be caught.
    public func onSignal(_ signal: Int32, handler: @escaping () -> Void) throws(EventLoopError) -> SignalWatch {
        checkIsolated()
        let watch = SignalWatch(base: base, signal: signal, handler: handler)
        guard watch.start() else { throw .failed(call: "sigaction", errno) }
        return watch
    }
}
