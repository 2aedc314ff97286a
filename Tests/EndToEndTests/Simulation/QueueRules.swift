import TestSupport

/// What the queues promise, checked against the chat server's journal: first come, first served, and nobody waits for longer
/// than five seconds while somebody is free for them.
struct QueueRules {
    let journal: ChatJournal
    let entries: [SimulationLog.Entry]
    /// User names of a department's agents.
    let teams: [Set<String>]
    let capacity: [String: Int]
    /// Time that was lost to everybody, by ``Heartbeat``.
    let lost: (_ begin: Int64, _ end: Int64) -> Int64
    /// When the simulation ended.
    let end: Int64

    /// The promise.
    static let promise: Int64 = 5_000
    /// Two who were chosen in order may be given their agents by two gateways at the same time; so long that may take.
    static let underWay: Int64 = 1_000

    /// An entry with what became of it.
    private struct Turn {
        var entry: SimulationLog.Entry
        var servedAt: Int64?
        var agent: String?
        /// Until when the customer was in the line.
        var until: Int64
    }

    private func turns(in department: Int) -> [Turn] {
        entries.filter { $0.department == department }.map { entry in
            let served = journal.additions[entry.rid]?.first {
                $0.at >= entry.sent && teams[department].contains($0.agent) && $0.agent != entry.former
                    && $0.at <= entry.left ?? end
            }
            return Turn(
                entry: entry, servedAt: served?.at, agent: served?.agent, until: served?.at ?? entry.left ?? end)
        }
    }

    // MARK: First come, first served

    /// Customers who were served although somebody waited who had been told so before they even called.
    ///
    /// Order is only asked for where there is one: whoever calls while another call is under way may come before it. Being
    /// killed in the middle of serving somebody is an excuse for the five seconds in which the others take over.
    func overtakings(kills: [Int64]) -> [String] {
        teams.indices.flatMap { department -> [String] in
            let turns = turns(in: department)
            let waiters = turns.filter(\.entry.isWaiting)
            return turns.flatMap { second -> [String] in
                guard let at = second.servedAt else { return [] }
                return waiters.filter { first in
                    guard first.entry.answered < second.entry.sent, first.entry.rid != second.entry.rid,
                        first.entry.former != second.agent
                    else { return false }
                    let wasKilled = kills.contains { $0 > at - Self.promise && $0 < first.until }
                    let latest = at + (wasKilled ? Self.promise : Self.underWay)
                    // What was lost takes long to add up: only where it matters.
                    return first.until > latest && first.until > latest + lost(at, first.until)
                }.map { first in
                    "team\(department): \(second.entry.rid), who called at \(second.entry.sent), was served at \(at); "
                        + "\(first.entry.rid), who waited since \(first.entry.answered), not before \(first.until)"
                }
            }
        }
    }

    // MARK: Five seconds

    /// Customers who waited for longer than promised while an agent of their department was online and not full.
    func neglected() -> [String] {
        let free = journal.agents.mapValues { $0 }
        return teams.indices.flatMap { department -> [String] in
            let waiting = turns(in: department).filter(\.entry.isWaiting)
            return teams[department].sorted().flatMap { agent -> [String] in
                let spans = Self.freeSpans(free[agent] ?? [], capacity: capacity[agent] ?? 0, end: end)
                return spans.flatMap { span in
                    waiting.compactMap { turn in
                        guard turn.entry.former != agent else { return nil }
                        let (begin, until) = (
                            max(span.lowerBound, turn.entry.answered), min(span.upperBound, turn.until)
                        )
                        guard until - begin > Self.promise, until - begin > Self.promise + lost(begin, until) else {
                            return nil
                        }
                        return "team\(department): \(turn.entry.rid) waited \(until - begin) ms from \(begin) while "
                            + "\(agent) was free (\(lost(begin, until)) ms were lost to all)"
                    }
                }
            }
        }
    }

    /// When an agent was online and had a place.
    static func freeSpans(_ changes: [ChatJournal.Change], capacity: Int, end: Int64) -> [Range<Int64>] {
        var spans: [Range<Int64>] = []
        var since: Int64?
        for change in changes {
            let isFree = change.isOnline && change.rooms < capacity
            if isFree, since == nil { since = change.at }
            if !isFree, let begin = since {
                if begin < change.at { spans.append(begin..<change.at) }
                since = nil
            }
        }
        if let since, since < end { spans.append(since..<end) }
        return spans
    }
}
