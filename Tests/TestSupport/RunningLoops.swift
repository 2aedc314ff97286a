public import EventLoop
internal import Glibc

/// Loops on threads of their own, stopped when the test lets go of this.
public final class RunningLoops: Sendable {
    /// All loops of the group.
    public let group: EventLoopGroup

    /// Starts `count` loops beside the group's first.
    public init(count: Int = 1) throws {
        let group = try EventLoopGroup(count: count + 1)
        self.group = group
        var thread = pthread_t()
        let context = Unmanaged.passRetained(group)
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<EventLoopGroup>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        pthread_detach(thread)
    }

    /// A running loop.
    public var loop: EventLoop { group.loops[1] }

    deinit { group.stop() }
}
