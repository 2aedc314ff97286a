public import ChatBackend
internal import HTTPClient
internal import HTTPMessage
internal import Logging

// users.info, users.presence, users.getPresence (contract sheet, section 3).
extension RocketChatBackend {
    /// Calls in parallel, at most.
    private static let parallelCalls = 32
    /// Ids in one URL.
    private static let idsInOneCall = 100

    /// `GET users.presence` for all agents at once; each agent's id is looked up by `GET users.info` every ten minutes,
    /// beside the call when there is one to go by meanwhile.
    ///
    /// In the order asked, without whom the server does not know or has deactivated.
    public func presence(
        ofAgents usernames: [String], known: [String: String]
    ) async throws(ChatBackendError) -> [AgentPresence] {
        let found = try await resolve(usernames, known)
        var statuses: [String: PresenceStatus] = [:]
        var rest = found.map(\.id)[...]
        while !rest.isEmpty {
            let ids = Array(rest.prefix(Self.idsInOneCall))
            rest = rest.dropFirst(ids.count)
            statuses.merge(try await currentStatuses(of: ids)) { _, new in new }
        }
        // Those who are offline are not in the server's answer.
        return found.map { AgentPresence(id: $0.id, username: $0.username, status: statuses[$0.id] ?? .offline) }
    }

    /// As the last answer of `users.presence` had it, which may have been a refusal; forgotten after ten minutes
    /// without one.
    public var presenceIsSwitchedOff: Bool { memory.holds(.presenceIsSwitchedOff, at: clock.uptime()) }

    private func resolve(
        _ usernames: [String], _ known: [String: String]
    ) async throws(ChatBackendError) -> [(username: String, id: String)] {
        var ids: [String: String] = [:]
        var old: [String] = []
        var unknown: [String] = []
        for username in usernames {
            if let entry = agents.entry(for: username) {
                ids[username] = entry.id
            } else if let id = agents.lastEntry(for: username)?.id ?? known[username.lowercased()] {
                ids[username] = id
                old.append(username)
            } else {
                unknown.append(username)
            }
        }
        lookUpBeside(old)
        if !unknown.isEmpty { ids.merge(try await lookUpIDs(unknown)) { _, new in new } }
        var seen: Set<String> = []
        return usernames.compactMap { username in
            guard seen.insert(username).inserted, let id = ids[username] else { return nil }
            return (username, id)
        }
    }

    private func lookUpIDs(_ usernames: [String]) async throws(ChatBackendError) -> [String: String] {
        try await inParallel(usernames) { [self] (username) async throws(RocketChatFailure) -> String? in
            let user = try await lookUp(username)
            let id = user.flatMap { $0.account.isActive ? $0.account.id : nil }
            agents.note(username, id: id, serverUsername: user?.account.username)
            return id
        }
    }

    /// Nobody waits for it, and no deadline of a caller's counts. What fails is tried again with the next call.
    private func lookUpBeside(_ usernames: [String]) {
        let due = agents.beginLookUp(usernames)
        guard !due.isEmpty else { return }
        Task.detached(executorPreference: api.transport.client.executor) { [self] in
            do throws(ChatBackendError) {
                _ = try await lookUpIDs(due)
            } catch {
                logger.debug("agents' ids cannot be looked up", metadata: ["error": "\(error)"])
            }
            agents.endLookUp(due)
        }
    }

    private func currentStatuses(of ids: [String]) async throws(ChatBackendError) -> [String: PresenceStatus] {
        let now = clock.uptime()
        let form = ids.count > 1 ? memory.presenceForm : .commas
        var answer = try await presenceAnswer(ids, repeated: form == .repeated)
        // An agent who was found shows that the server understood a list; nobody found shows nothing.
        if form == .unknown {
            if !answer.statuses.isEmpty {
                memory.presenceForm = .commas
            } else if !answer.isSwitchedOff, !memory.holds(.presenceFormsTried, at: now) {
                memory.remember(.presenceFormsTried, until: now + 60_000)
                if let other = try? await presenceAnswer(ids, repeated: true), !other.statuses.isEmpty {
                    memory.presenceForm = .repeated
                    answer = other
                }
            }
        }
        guard answer.isSwitchedOff else {
            memory.forget(.presenceIsSwitchedOff)
            return answer.statuses
        }
        memory.remember(.presenceIsSwitchedOff, until: now + ServerMemory.tenMinutes)
        return try await inParallel(ids) { [self] (id) async throws(RocketChatFailure) -> PresenceStatus? in
            do throws(RocketChatFailure) {
                let reply = try await api.send(.get("users.getPresence", [("userId", id)]))
                return reply["presence"]?.string.map(Self.status)
            } catch {
                if error.error == .notFound { return nil }
                throw error
            }
        }
    }

    private func presenceAnswer(
        _ ids: [String], repeated: Bool
    ) async throws(ChatBackendError) -> (statuses: [String: PresenceStatus], isSwitchedOff: Bool) {
        let query = repeated ? ids.map { (name: "ids", value: $0) } : [(name: "ids", value: ids.joined(separator: ","))]
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await api.send(.get("users.presence", query))
        } catch {
            // No such route, or not for us: as good as switched off.
            guard error.isAnswer else { throw error.error }
            return ([:], true)
        }
        guard let users = reply["users"]?.array else { throw .contract("users.presence: no users") }
        var statuses: [String: PresenceStatus] = [:]
        for user in users {
            if let id = user["_id"]?.string, ids.contains(id) {
                statuses[id] = Self.status(user["status"]?.string ?? "offline")
            }
        }
        return (statuses, users.isEmpty && reply["full"]?.bool == true)
    }

    /// Whatever a newer server calls it: not there.
    private static func status(_ word: String) -> PresenceStatus { PresenceStatus(rawValue: word) ?? .offline }

    /// Does something for each key, a few at a time; leaves out whom it finds nothing for.
    private func inParallel<Value: Sendable>(
        _ keys: [String], _ body: @escaping @Sendable (String) async throws(RocketChatFailure) -> Value?
    ) async throws(ChatBackendError) -> [String: Value] {
        typealias Outcome = Result<(String, Value?), RocketChatFailure>
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, key) in keys.enumerated() {
                if index >= Self.parallelCalls, let outcome = await group.next() { outcomes.append(outcome) }
                group.addTask {
                    do throws(RocketChatFailure) { return .success((key, try await body(key))) } catch {
                        return .failure(error)
                    }
                }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var values: [String: Value] = [:]
        for outcome in outcomes {
            switch outcome {
            case .success((let key, let value)): values[key] = value
            case .failure(let failure): throw failure.error
            }
        }
        return values
    }
}
