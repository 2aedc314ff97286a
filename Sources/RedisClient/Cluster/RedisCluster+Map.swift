internal import EventLoop

/// Finding out who serves what.
extension RedisCluster {
    /// How many nodes are asked at a time, how often at most, and how long `MOVED` is believed against the map.
    private static let maxAsked = 5
    private static let shortestGap: Duration = .milliseconds(10)
    private static let movedMemory: UInt64 = 2_000_000_000

    /// What cannot be reached while nobody has a map, as the log tells it from the nodes.
    var mapName: String { "the map of \(configuration.endpoint)" }

    /// Asks for the map soon; while it is being asked for already, once more afterwards.
    func wantMap() {
        guard !isStopped else { return }
        if isAsking {
            mustAskAgain = true
        } else if askTimer == nil {
            ask(after: map == nil && lastError == nil ? .zero : Self.shortestGap)
        }
    }

    /// Waits for the first map, within a command's deadline; returns why there is none.
    func waitForMap(until deadline: UInt64, isolation: isolated (any Actor)?) async -> RedisError? {
        start()
        // An attempt has failed: nobody waits for the next.
        if let lastError { return lastError.notSent }
        guard mapWaiters.count < configuration.maxPending else {
            return RedisError(.overloaded, "too many commands wait for the cluster's map")
        }
        await withUnsafeContinuation { waiter in
            _ = isolation
            lastWaiter &+= 1
            let number = lastWaiter
            mapWaiters[number] = waiter
            let delay = Duration.nanoseconds(Int64(clamping: deadline &- min(deadline, loop.now)))
            loop.schedule(after: delay) { self.mapWaiters.removeValue(forKey: number)?.resume() }
        }
        if Task.isCancelled { return RedisError(.cancelled, "the task was cancelled before the command was sent") }
        if map != nil { return nil }
        return lastError?.notSent ?? RedisError(.unavailable, "\(configuration.endpoint) did not answer in time")
    }

    func wakeMapWaiters() {
        let waiters = mapWaiters.values
        mapWaiters = [:]
        for waiter in waiters { waiter.resume() }
    }

    private func ask(after delay: Duration) {
        guard delay > .zero else { return ask() }
        askTimer = loop.schedule(after: delay) { [self] in
            askTimer = nil
            ask()
        }
    }

    private func ask() {
        guard !isStopped, !isAsking else { return }
        isAsking = true
        mustAskAgain = false
        Task(executorPreference: loop) { [self] in
            let answers = await Ballot.hold(
                on: loop, patience: configuration.askDeadline,
                inquiries().map { host in { await self.answer(of: host) } })
            isAsking = false
            guard !isStopped else { return }
            heard(answers.max { $0.votes < $1.votes }?.answer)
        }
    }

    /// Whom to ask: nodes that we are connected to, then others that we know of, in no order.
    private func inquiries() -> [RedisHost] {
        let connected = nodes.filter { $0.value.isConnected }.keys.shuffled()
        let others = Set(map?.masters ?? []).union(map?.replicas ?? []).union(seeds).subtracting(connected).shuffled()
        return Array((connected + others).prefix(Self.maxAsked))
    }

    private func answer(of host: RedisHost) async -> SlotMap? {
        do throws(RedisError) {
            let reply: RedisReply
            if let node = nodes[host], node.isConnected {
                let deadline = loop.now &+ configuration.commandDeadline.nanoseconds
                reply = try await node.send(["CLUSTER", "SLOTS"], deadline: deadline, isolation: nil).get()
            } else {
                let informant = RedisInformant(
                    loop: loop, host: host, configuration: configuration, credential: configuration.credential,
                    names: names)
                defer { informant.stop() }
                let replies = try await informant.ask([["CLUSTER", "SLOTS"]], within: configuration.askDeadline)
                reply = replies.first ?? .null
            }
            let map = try SlotMap(reply, from: host)
            guard !map.ranges.isEmpty else { throw RedisError(.unavailable, "it serves no slots") }
            return map
        } catch {
            lastRefusal = RedisError(.unavailable, "\(host): \(Self.explain(error))", server: error.server)
            return nil
        }
    }

    private func heard(_ answer: SlotMap?) {
        if let answer {
            adopt(answer)
            lastError = nil
        } else {
            let reason = lastRefusal ?? RedisError(.unavailable, "\(configuration.endpoint) did not answer in time")
            if lastError == nil { log.failed(self, to: mapName, "Redis cluster not reachable: \(reason.message)") }
            lastError = reason
        }
        wakeMapWaiters()
        // As long as the map has not caught up with what `MOVED` told, other slots may have moved as well.
        if answer?.isComplete == true, moved.isEmpty, !mustAskAgain, !nodes.values.contains(where: \.isInTrouble) {
            backoff.succeed()
        } else if askTimer == nil {
            ask(after: backoff.fail(chance: .random(in: 0..<1)))
        }
    }

    private func adopt(_ answer: SlotMap) {
        log.connected(self, to: mapName, "Redis cluster: \(answer.masters.count) masters")
        log.learned(answer)
        map = answer
        moved = moved.filter { slot, entry in
            answer.master(of: slot) != entry.host && loop.now &- entry.since < Self.movedMemory
        }
        let wanted = Set(answer.masters).union(moved.values.map(\.host))
        for (host, node) in nodes where !wanted.contains(host) {
            nodes[host] = nil
            node.retire()
        }
        for host in answer.masters { _ = node(host) }
        onMap?(answer)
    }

    private static func explain(_ error: RedisError) -> String {
        guard let server = error.server else { return error.message }
        if server.message.contains("cluster support disabled") {
            return "\(server.message) — a single server's address begins with redis://"
        }
        return server.message
    }
}
