internal import EventLoop

/// Gives memory back when a crowd has gone.
struct MemoryRounds {
    let rest: Rest

    /// Runs until its task is cancelled.
    func run() async {
        var rest = rest
        var looks = MemoryLooks()
        while true {
            do { try await rest.sleep(for: MemoryLooks.interval, long: looks.pause) } catch { return }
            if looks.slept(isUndisturbed: rest.wasUndisturbed) { EventLoop.trimMemory() }
        }
    }
}
