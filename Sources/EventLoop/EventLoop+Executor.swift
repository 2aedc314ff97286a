extension EventLoop: SerialExecutor, TaskExecutor {
    /// Takes a Swift job; it runs on the loop's thread. From any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(.task(UnownedJob(job)))
    }

    /// The loop as an actor's executor: `nonisolated var unownedExecutor: UnownedSerialExecutor {
    /// loop.asUnownedSerialExecutor() }`.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// The loop as a task's executor preference.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    /// Backs `assumeIsolated`: libevent's callbacks run on the loop but outside of any Swift job.
    public func checkIsolated() {
        precondition(inLoop, "called off the thread of \(name)")
    }

    /// Backs `assumeIsolated` without a trap where the runtime asks first.
    public func isIsolatingCurrentContext() -> Bool? {
        inLoop
    }
}
