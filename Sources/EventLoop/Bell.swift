internal import Synchronization

/// Wakes those who sleep until something happens. From any thread.
///
/// Ringing it costs a fence and one look at a flag while nobody listens.
public final class Bell: Sendable {
    private let isAwaited = Atomic(false)
    private let sleepers = Mutex<[Sleeper]>([])

    /// Makes one that nobody listens to yet.
    public init() {}

    /// It has happened, and can be seen by who looks.
    public func ring() {
        // What happened before the flag, as `wait` sets the flag before it looks: one of the two sees the other.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isAwaited.load(ordering: .relaxed) else { return }
        let woken = sleepers.withLock { sleepers in
            defer { sleepers = [] }
            isAwaited.store(false, ordering: .relaxed)
            return sleepers
        }
        for sleeper in woken { sleeper.end(.success(())) }
    }

    /// Returns at the next ``ring()``, or at once when `hasHappened` says so: it is asked after the bell can wake.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func wait(unless hasHappened: () -> Bool) async throws {
        let sleeper = Sleeper()
        sleepers.withLock { sleepers in
            sleepers.append(sleeper)
            isAwaited.store(true, ordering: .relaxed)
        }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if hasHappened() { ring() }
        defer { sleepers.withLock { $0.removeAll { $0 === sleeper } } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { sleeper.begin($0) }
        } onCancel: {
            sleeper.end(.failure(CancellationError()))
        }
    }

    /// Is resumed exactly once, whichever of bell and cancellation comes first, also before it sleeps.
    private final class Sleeper: Sendable {
        private enum State {
            case new
            case asleep(CheckedContinuation<Void, any Error>)
            case ended(Result<Void, any Error>)
        }

        private let state = Mutex(State.new)

        func begin(_ continuation: CheckedContinuation<Void, any Error>) {
            let result = state.withLock { state -> Result<Void, any Error>? in
                if case .ended(let result) = state { return result }
                state = .asleep(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }

        func end(_ result: Result<Void, any Error>) {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                switch state {
                case .new:
                    state = .ended(result)
                    return nil
                case .asleep(let continuation):
                    state = .ended(result)
                    return continuation
                case .ended: return nil
                }
            }
            continuation?.resume(with: result)
        }
    }
}
