import TestSupport

/// What the queues promise, checked against the chat server's journal: first come, first served, and nobody waits for
/// longer than five seconds while somebody is free for them.
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
            let until = served?.at ?? entry.left ?? end
            // Whoever was in another line may have been served there while their call to come here was under way.
            if let former = entry.formerDepartment, let served, served.at <= entry.answered,
                teams[former].contains(served.agent)
            {
                return Turn(entry: entry, until: until)
            }
            return Turn(entry: entry, servedAt: served?.at, agent: served?.agent, until: until)
        }
    }

    // MARK: First come, first served

    /// Customers who were served although somebody waited who had been told so before they even called.
    ///
    /// Order is only asked for where there is one: whoever calls while another call is under way may come before it.
    /// Being killed in the middle of serving somebody is an excuse for the five seconds in which the others take over;
    /// so is a machine that stood still (``Heartbeat/standstills``): a gateway gives a command to Redis up that is not
    /// answered in time, and when that had found an agent for somebody, nobody carries it out.
    func overtakings(setbacks: [Int64]) -> [String] {
        teams.indices.flatMap { department -> [String] in
            let turns = turns(in: department)
            let line = Line(turns.filter(\.entry.isWaiting))
            return turns.flatMap { second -> [String] in
                guard let at = second.servedAt else { return [] }
                return line.waiters(before: second.entry.sent, still: at + Self.underWay).filter { first in
                    guard first.entry.rid != second.entry.rid, first.entry.former != second.agent else { return false }
                    let wasSetBack = setbacks.contains { $0 > at - Self.promise && $0 < first.until }
                    let latest = at + (wasSetBack ? Self.promise : Self.underWay)
                    return first.until > latest && first.until > latest + lost(at, first.until)
                }.map { first in
                    "team\(department): \(second.entry.rid), who called at \(second.entry.sent), was served at \(at); "
                        + "\(first.entry.rid), who waited since \(first.entry.answered), not before \(first.until)"
                }
            }
        }
    }

    /// Who waited, in the order in which they were told so.
    private struct Line {
        private let turns: [Turn]
        /// Until when somebody of those up to here waited.
        private let latest: [Int64]

        init(_ waiters: [Turn]) {
            turns = waiters.sorted { $0.entry.answered < $1.entry.answered }
            var latest: [Int64] = []
            for turn in turns { latest.append(max(turn.until, latest.last ?? .min)) }
            self.latest = latest
        }

        /// Those who were told to wait before one moment, and did so after another one.
        func waiters(before called: Int64, still time: Int64) -> [Turn] {
            let count = turns.partitioningIndex { $0.entry.answered >= called }
            // Mostly nobody: only then all have to be looked at.
            guard count > 0, latest[count - 1] > time else { return [] }
            return turns[..<count].filter { $0.until > time }
        }
    }

    // MARK: Five seconds

    /// Customers who waited for longer than promised while an agent of their department was online and not full.
    func neglected() -> [String] {
        let free = journal.agents.reduce(into: [String: [Range<Int64>]]()) { free, agent in
            free[agent.key] = Self.freeSpans(agent.value, capacity: capacity[agent.key] ?? 0, end: end)
        }
        return teams.indices.flatMap { department -> [String] in
            let waiting = turns(in: department).filter(\.entry.isWaiting)
            return teams[department].sorted().flatMap { agent -> [String] in
                let spans = free[agent] ?? []
                return waiting.flatMap { turn -> [String] in
                    guard turn.entry.former != agent, turn.entry.answered < turn.until else { return [] }
                    let first = spans.partitioningIndex { $0.upperBound > turn.entry.answered }
                    return spans[first...].prefix { $0.lowerBound < turn.until }.compactMap { span in
                        neglect(of: turn, by: agent, department, span.clamped(to: turn.entry.answered..<turn.until))
                    }
                }
            }
        }
    }

    private func neglect(of turn: Turn, by agent: String, _ department: Int, _ span: Range<Int64>) -> String? {
        guard span.count > Self.promise else { return nil }
        let excuse = lost(span.lowerBound, span.upperBound)
        guard span.count > Self.promise + excuse else { return nil }
        return "team\(department): \(turn.entry.rid) waited \(span.count) ms from \(span.lowerBound) while "
            + "\(agent) was free (\(excuse) ms were lost to all)"
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

extension Array {
    /// Where the elements begin for which this holds, when it holds for none before and for all after.
    fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
