internal import CLibevent

extension EventLoop {
    /// Gives free memory back to the system that the allocator keeps for later: after a crowd that is most of it.
    ///
    /// From any thread. It holds up all that allocate, about a millisecond for each ten MiB: for when nobody waits.
    public static func trimMemory() {
        customers_trim_memory()
    }
}
