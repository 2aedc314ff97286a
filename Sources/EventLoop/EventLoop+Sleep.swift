internal import Synchronization

extension EventLoop {
    /// Suspends the calling task for `duration` without a thread of its own. From any thread.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let pending = PendingSleep()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                guard pending.begin(continuation) else { return }
                execute { [self] in
                    pending.timer = schedule(after: duration) { pending.end(.success(())) }
                }
            }
        } onCancel: {
            pending.end(.failure(CancellationError()))
            execute {
                pending.timer?.cancel()
                pending.timer = nil
            }
        }
    }
}

/// Resumes a sleeper exactly once, whichever of time and cancellation comes first.
// @unchecked: `timer` is touched on the loop only, the rest is behind the mutex.
private final class PendingSleep: @unchecked Sendable {
    private enum State {
        case new
        case asleep(CheckedContinuation<Void, any Error>)
        case ended
    }

    private let state = Mutex(State.new)
    var timer: LoopTimer?

    func begin(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
        let accepted = state.withLock { state in
            guard case .new = state else { return false }
            state = .asleep(continuation)
            return true
        }
        if !accepted { continuation.resume(throwing: CancellationError()) }
        return accepted
    }

    func end(_ result: Result<Void, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            defer { state = .ended }
            guard case .asleep(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}
