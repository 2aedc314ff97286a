internal import EventLoop
internal import Glibc
internal import Logging
internal import Synchronization

extension FastCGIWorker {
    /// Connections taken in one turn, so that a crowd at the door does not starve those inside. Enough that the door
    /// keeps up: a turn with much to do takes milliseconds, and behind 4,096 waiting connections the kernel turns web
    /// servers away.
    private static let acceptsPerTurn = 256

    func startAccepting() {
        guard listenWatches.isEmpty, !isDraining else { return }
        if spare < 0 { spare = open("/dev/null", O_RDONLY | O_CLOEXEC) }
        do {
            for listener in listeners {
                // Before those who are inside: a turn with thousands of them ready takes longer than the backlog lasts.
                listenWatches.append(
                    try loop.watch(listener.descriptor, .read, isUrgent: true) { [unowned self] _ in
                        acceptSome(from: listener)
                    })
            }
        } catch {
            logger.critical("cannot watch the listening socket", metadata: ["error": "\(error)"])
        }
    }

    func stopAccepting() {
        for watch in listenWatches { watch.cancel() }
        listenWatches = []
        acceptPause?.cancel()
        acceptPause = nil
    }

    func acceptSome(from listener: ListenSocket) {
        for _ in 0..<Self.acceptsPerTurn {
            guard siblings.reduce(0, { $0 &+ $1.load }) < configuration.maxConnections else { return pauseAccepting() }
            let descriptor = accept(listener.descriptor)
            if descriptor >= 0 {
                wasExhausted = false
                seat(descriptor, from: listener)
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return exhausted(errno, listener)
            case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP:
                logger.critical("the listening socket is gone", metadata: ["errno": "\(errno)"])
                return stopAccepting()
            default: continue  // That connection failed (ECONNABORTED, EPROTO, …), or EINTR.
            }
        }
    }

    /// Connections open on this loop. From any thread.
    var load: Int { counters.connections.load(ordering: .relaxed) }

    /// Gives a connection to the loop that has clearly fewest. Kept connections stay where they start, and whichever
    /// loop is awake takes them, so without this one loop could end up with nearly all.
    private func seat(_ descriptor: Int32, from listener: ListenSocket) {
        WorkerCounters.add(1, to: counters.accepted)
        guard configuration.peers.allows(descriptor, on: listener.address) else {
            note(ConnectionRefusal.peer.rawValue)
            _ = close(descriptor)
            return
        }
        defer { arrivals.ring() }
        guard let idlest = siblings.min(by: { $0.load < $1.load }), idlest !== self, idlest.load &+ 2 <= load else {
            counters.connections.wrappingAdd(1, ordering: .relaxed)
            return admit(descriptor)
        }
        // Counted here, so that the next one does not go there because this one is still on its way.
        idlest.counters.connections.wrappingAdd(1, ordering: .relaxed)
        idlest.loop.execute { idlest.admit(descriptor) }
    }

    /// Takes in a connection that has been counted.
    func admit(_ descriptor: Int32) {
        guard !isShutDown else {
            counters.connections.wrappingSubtract(1, ordering: .relaxed)
            _ = close(descriptor)
            return
        }
        let connection = FastCGIConnection(descriptor: descriptor, worker: self)
        add(connection)
        connection.start()
    }

    /// Out of descriptors or memory: never a reason to end (hazard H10). Accepting rests and tries again; if that does
    /// not help, the spare descriptor lets one waiting peer be told so by closing its connection.
    private func exhausted(_ number: Int32, _ listener: ListenSocket) {
        if wasExhausted, spare >= 0 {
            _ = close(spare)
            let descriptor = accept(listener.descriptor)
            if descriptor >= 0 {
                _ = close(descriptor)
                counters.countShed()
            }
            spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        } else if !wasExhausted {
            logger.error("cannot accept: out of descriptors or memory", metadata: ["errno": "\(number)"])
        }
        wasExhausted = true
        pauseAccepting()
    }

    private func pauseAccepting() {
        stopAccepting()
        acceptPause = loop.schedule(after: configuration.acceptPause) { [weak self] in
            self?.acceptPause = nil
            self?.startAccepting()
        }
    }
}
