/// Who waits for the replies of one connection, in the order of the commands.
///
/// A cancelled command stays in line with nobody waiting, so that replies never shift (hazard X15).
struct PendingReplies {
    /// A command whose reply has not come.
    struct Entry {
        /// The client's number for the command; 0 for a connection's own commands.
        var ticket: UInt64
        /// Bytes of its arguments.
        var bytes: Int
        /// When it was sent, and when the reply must be there: monotonic nanoseconds.
        var sent: UInt64
        var deadline: UInt64
        /// Who gets the reply; nil when nobody does any more.
        var waiter: ReplyWaiter?
    }

    private var entries: [Entry] = []
    private var head = 0
    /// Argument bytes of all commands in line.
    private(set) var bytes = 0

    var count: Int { entries.count - head }
    var first: Entry? { head < entries.count ? entries[head] : nil }

    mutating func append(_ entry: Entry) {
        // Room is made when half of a long line is gone, so that each entry moves once on average.
        if head >= 512, head * 2 >= entries.count {
            entries.removeSubrange(..<head)
            head = 0
        }
        entries.append(entry)
        bytes += entry.bytes
    }

    /// Lets the clock of the last commands in line start at `now`, when they really go out.
    mutating func restart(last count: Int, now: UInt64) {
        for index in max(head, entries.count - count)..<entries.count {
            entries[index].deadline &+= now &- entries[index].sent
            entries[index].sent = now
        }
    }

    /// Takes the command that the next reply is for.
    mutating func removeFirst() -> Entry? {
        guard head < entries.count else { return nil }
        let entry = entries[head]
        entries[head].waiter = nil
        bytes -= entry.bytes
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        }
        return entry
    }

    /// Takes the waiter of a command out of the line; the command keeps its place. Nil when it is not in line.
    mutating func abandon(_ ticket: UInt64) -> ReplyWaiter? {
        var low = head
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].ticket == ticket else { return nil }
        defer { entries[low].waiter = nil }
        return entries[low].waiter
    }

    /// Tells those at the head of the line whose time is up, but who had less of it than `patience`; they keep their
    /// places. Returns the deadline of the next one, if any has less time.
    mutating func giveUp(at now: UInt64, within patience: UInt64, _ error: (UInt64) -> RedisError) -> UInt64? {
        // The deadline is settled a moment before the command is sent.
        let full = patience &- patience / 8
        for index in head..<entries.count where entries[index].deadline < entries[index].sent &+ full {
            let entry = entries[index]
            guard entry.deadline <= now else { return entry.deadline }
            entries[index].waiter = nil
            entry.waiter?.resume(returning: .failure(error(now &- entry.sent)))
        }
        return nil
    }

    /// Empties the line and returns everybody who waits.
    mutating func removeAll() -> [ReplyWaiter] {
        let waiters = entries[head...].compactMap(\.waiter)
        entries = []
        head = 0
        bytes = 0
        return waiters
    }
}

/// Whoever waits for a reply. Resumed exactly once by the one owner of the line; a checked continuation would cost an
/// allocation a command.
typealias ReplyWaiter = UnsafeContinuation<Result<RedisReply, RedisError>, Never>
