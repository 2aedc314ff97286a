internal import Synchronization

/// A value that threads change and tests wait for, instead of sleeping.
public final class WaitableState<State: Sendable>: Sendable {
    private struct Storage {
        var state: State
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var expired: Set<Int> = []
        var nextWaiter = 0
    }

    private let storage: Mutex<Storage>

    /// Starts with `state`.
    public init(_ state: State) { storage = Mutex(Storage(state: state)) }

    /// The value now.
    public var now: State { storage.withLock { $0.state } }

    /// Changes the value and wakes everybody who waits.
    public func change<Result: Sendable>(_ body: @Sendable (inout State) -> Result) -> Result {
        let (result, waiters) = storage.withLock { storage in
            let result = body(&storage.state)
            defer { storage.waiters = [:] }
            return (result, Array(storage.waiters.values))
        }
        for waiter in waiters { waiter.resume() }
        return result
    }

    /// Returns what `answer` makes of the value, as soon as that is not nil.
    ///
    /// - Throws: ``ChildProcessError/timedOut(_:)`` naming `what`.
    public func wait<Answer: Sendable>(
        for what: String, within patience: Duration = .seconds(20), until answer: @Sendable (State) -> Answer?
    ) async throws -> Answer {
        let number = storage.withLock { storage in
            storage.nextWaiter += 1
            return storage.nextWaiter
        }
        let alarm = Task { [self] in
            try await Task.sleep(for: patience * TestPatience.factor)
            let waiter = storage.withLock { storage in
                storage.expired.insert(number)
                return storage.waiters.removeValue(forKey: number)
            }
            waiter?.resume()
        }
        defer { alarm.cancel() }
        while true {
            if let answer = answer(now) { return answer }
            let isExpired = storage.withLock { $0.expired.contains(number) }
            if isExpired { throw ChildProcessError.timedOut(what) }
            await withCheckedContinuation { waiter in
                let again = storage.withLock { storage in
                    if storage.expired.contains(number) || answer(storage.state) != nil { return true }
                    storage.waiters[number] = waiter
                    return false
                }
                if again { waiter.resume() }
            }
        }
    }
}
