internal import CLibevent
internal import Glibc

/// What happened, or what to wait for, on a descriptor.
public struct DescriptorEvents: OptionSet, Sendable {
    /// Bits as defined below.
    public let rawValue: UInt8
    /// Wraps the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Something can be read, or the end was reached.
    public static let read = DescriptorEvents(rawValue: 1)
    /// Something can be written.
    public static let write = DescriptorEvents(rawValue: 2)
    /// The peer closed at least its sending side (EPOLLRDHUP).
    public static let closed = DescriptorEvents(rawValue: 4)
}

/// A handler called on the loop whenever a descriptor is ready. Loop thread only.
///
/// It watches until ``cancel()`` or until it is released, whichever is first; the handler may do both. The descriptor
/// stays the owner's: cancel first, close then.
public final class DescriptorWatch {
    private var event: OpaquePointer?
    private let handler: (DescriptorEvents) -> Void
    /// Told about each call; nil for the loop's own watch.
    private unowned let loop: EventLoop?

    init(
        base: OpaquePointer, loop: EventLoop?, descriptor: Int32, events: DescriptorEvents, edgeTriggered: Bool,
        isUrgent: Bool = false, handler: @escaping (DescriptorEvents) -> Void
    ) {
        self.handler = handler
        self.loop = loop
        var flags = Int32(EV_PERSIST)
        if events.contains(.read) { flags |= Int32(EV_READ) }
        if events.contains(.write) { flags |= Int32(EV_WRITE) }
        if events.contains(.closed) { flags |= Int32(EV_CLOSED) }
        if edgeTriggered { flags |= Int32(EV_ET) }
        event = event_new(
            base, descriptor, Int16(truncatingIfNeeded: flags),
            { _, what, context in
                guard let context else { return }
                // Held while the handler runs: it may drop the last reference.
                let watch = Unmanaged<DescriptorWatch>.fromOpaque(context).takeUnretainedValue()
                var events: DescriptorEvents = []
                if what & Int16(EV_READ) != 0 { events.insert(.read) }
                if what & Int16(EV_WRITE) != 0 { events.insert(.write) }
                if what & Int16(EV_CLOSED) != 0 { events.insert(.closed) }
                let loop = watch.loop
                watch.handler(events)
                loop?.handlerReturned()
            }, Unmanaged.passUnretained(self).toOpaque())
        if isUrgent, let event { event_priority_set(event, EventPriority.urgent) }
    }

    func start() -> Bool {
        guard let event else { return false }
        return event_add(event, nil) == 0
    }

    /// Ends the watch. Calling it twice is fine.
    public func cancel() {
        guard let event else { return }
        self.event = nil
        event_free(event)
    }

    deinit { cancel() }
}

extension EventLoop {
    /// Calls `handler` on the loop whenever one of `events` happens on `descriptor`, until the watch is cancelled or
    /// released.
    ///
    /// - Parameters:
    ///   - descriptor: stays the caller's.
    ///   - events: what to wait for.
    ///   - edgeTriggered: report changes only; the handler then reads or writes until `EAGAIN`.
    ///   - isUrgent: call it before all others that are ready: for the few descriptors that everybody waits for.
    ///   - handler: is told what happened.
    /// - Returns: the watch; keep it.
    /// - Throws: ``EventLoopError`` when the kernel refuses (a regular file, out of memory).
    public func watch(
        _ descriptor: Int32, _ events: DescriptorEvents, edgeTriggered: Bool = false, isUrgent: Bool = false,
        handler: @escaping (DescriptorEvents) -> Void
    ) throws(EventLoopError) -> DescriptorWatch {
        checkIsolated()
        let watch = DescriptorWatch(
            base: base, loop: self, descriptor: descriptor, events: events, edgeTriggered: edgeTriggered,
            isUrgent: isUrgent, handler: handler)
        guard watch.start() else { throw .failed(call: "event_add", errno) }
        return watch
    }
}
