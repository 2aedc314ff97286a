internal import EventLoop

extension FastCGIWorker {
    /// How often a drain looks whether it is done.
    private static let drainCheck = Duration.milliseconds(20)

    /// Stops accepting for good. What waits in the backlog of a socket that ends with this process is taken in first.
    ///
    /// - Parameter handsOver: whether another process goes on with the kept connections.
    func prepareDrain(handsOver: Bool) {
        if !listenWatches.isEmpty {
            for listener in listeners where !listener.isInherited { acceptSome(from: listener) }
        }
        isDraining = true
        self.handsOver = handsOver
        stopAccepting()
    }

    /// Waits until all requests are answered, then closes the idle connections.
    ///
    /// Closing an idle connection while the web server is just sending on it would cost that request (hazards 1c). With
    /// somebody to hand over to, none is closed: each is released as soon as it lies between two requests. Else kept
    /// connections go on being served, each closes with its next answer, and all once they have been quiet for a while.
    func drain(deadline: Duration, ended: @escaping (DrainOutcome) -> Void) {
        drainEnded = ended
        drainDeadline = loop.now &+ deadline.nanoseconds
        if handsOver {
            for connection in Array(connections.values) where connection.isReleasable { connection.release() }
        }
        // An idle connection's deadline tells when it was last used.
        let idleTimeout = configuration.idleTimeout.nanoseconds
        lastActivity = connections.values.reduce(0) { max($0, $1.isIdle ? $1.deadline &- idleTimeout : loop.now) }
        checkDrain()
    }

    private func checkDrain() {
        guard drainEnded != nil else { return }
        let now = loop.now
        if now >= drainDeadline {
            let cut = inFlight &+ connections.values.count { $0.isAnswering }
            return endDrain(cut: cut)
        }
        let isQuiet = now &- lastActivity >= configuration.drainQuiet.nanoseconds
        if inFlight == 0, connections.isEmpty || isQuiet && connections.values.allSatisfy({ $0.isIdle }) {
            return endDrain(cut: 0)
        }
        drainTimer = loop.schedule(after: Self.drainCheck) { [weak self] in self?.checkDrain() }
    }

    /// Ends a drain without waiting for the next look when nothing is left.
    func endDrainIfDone() {
        if drainEnded != nil, inFlight == 0, connections.isEmpty { endDrain(cut: 0) }
    }

    private func endDrain(cut: Int) {
        guard let ended = drainEnded else { return }
        drainEnded = nil
        shutDown()
        var outcome = DrainOutcome()
        outcome.cut = cut
        swap(&outcome.released, &released)
        ended(outcome)
    }
}
