internal import Synchronization

/// Keeps work with the chat server within bounds, and turns away early what would only wait. One a loop.
///
/// So many operations are at work at once; the next wait for a turn, 100 ms at most, those who prove who they are 400
/// ms and before the others. Nobody begins while loop or store keep everybody waiting longer than that. What needs no
/// chat server (`auth_ping`, a room that is resumed) does not come by here, nor does what ends work (a close).
public final class Overload: Sendable {
    typealias Kind = OperationSlots.Kind

    private struct State {
        var slots: OperationSlots
        var anonymous = QueueDelay(target: Overload.patience(.anonymousStart))
        var known = QueueDelay(target: Overload.patience(.knownStart))
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state: Mutex<State>
    private let delay: @Sendable () async -> Int64
    private let uptime: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async throws -> Void
    private let executor: (any TaskExecutor)?

    /// Makes a gate.
    ///
    /// - Parameters:
    ///   - capacity: operations at once; seven eighths of them may be making rooms.
    ///   - executor: where alarms run.
    ///   - delay: how long work waits in the loop and for the store now, in milliseconds.
    ///   - uptime: milliseconds of a clock that never goes back.
    ///   - sleep: waits without a thread.
    public init(
        capacity: Int, executor: (any TaskExecutor)?, delay: @escaping @Sendable () async -> Int64,
        uptime: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        state = Mutex(State(slots: OperationSlots(capacity: capacity)))
        self.executor = executor
        self.delay = delay
        self.uptime = uptime
        self.sleep = sleep
    }

    /// Operations at work, and waiting for their turn; for a status page.
    public var counts: (running: Int, waiting: Int) {
        state.withLock { ($0.slots.running, $0.slots.waitingCount) }
    }

    /// Milliseconds that somebody waits at most.
    static func patience(_ kind: Kind) -> Int64 { kind == .anonymousStart ? 100 : 400 }

    /// Runs an operation in its turn.
    ///
    /// - Throws: ``CustomersError/overloaded`` when it did not get one, and what the operation throws.
    func run<Value>(_ kind: Kind, _ operation: () async throws -> Value) async throws -> Value {
        let delay = await delay()
        let now = uptime()
        let isAdmitted = state.withLock { state in
            kind == .anonymousStart
                ? state.anonymous.admits(delay: delay, at: now) : state.known.admits(delay: delay, at: now)
        }
        guard isAdmitted else { throw CustomersError.overloaded }
        try await begin(kind)
        defer { end(kind) }
        return try await operation()
    }

    private func begin(_ kind: Kind) async throws {
        guard !state.withLock({ $0.slots.begin(kind) }) else { return }
        let alarm = Mutex<Task<Void, Never>?>(nil)
        let isServed = await withCheckedContinuation { waiter in
            let (place, ousted) = state.withLock { state in
                let place = state.slots.wait(kind)
                if let place { state.waiters[place.id] = waiter }
                return (place, place?.ousted.flatMap { state.waiters.removeValue(forKey: $0) })
            }
            ousted?.resume(returning: false)
            guard let id = place?.id else { return waiter.resume(returning: false) }
            let patience = Duration.milliseconds(Self.patience(kind))
            let task = Task(executorPreference: executor) {
                guard (try? await self.sleep(patience)) != nil else { return }
                self.giveUp(id)
            }
            alarm.withLock { $0 = task }
        }
        alarm.withLock { $0?.cancel() }
        guard isServed else { throw CustomersError.overloaded }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { $0.slots.giveUp(id) ? $0.waiters.removeValue(forKey: id) : nil }
        waiter?.resume(returning: false)
    }

    private func end(_ kind: Kind) {
        let served = state.withLock { state in
            state.slots.end(kind).compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in served { waiter.resume(returning: true) }
    }
}

extension Services {
    /// Runs what works with the chat server, in its turn.
    func inTurn<Value>(_ kind: OperationSlots.Kind, _ operation: () async throws -> Value) async throws -> Value {
        guard let overload else { return try await operation() }
        return try await overload.run(kind, operation)
    }
}
