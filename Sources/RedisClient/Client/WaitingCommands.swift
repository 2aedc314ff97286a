/// Commands that came while the first attempt to connect was under way. They keep their deadlines.
struct WaitingCommands {
    /// A command that was not sent yet.
    struct Command {
        var ticket: UInt64
        var arguments: [RedisArgument]
        /// Whether `ASKING` goes before it.
        var asking: Bool
        var deadline: UInt64
        var waiter: ReplyWaiter
    }

    private var commands: [Command] = []

    var count: Int { commands.count }
    var firstDeadline: UInt64? { commands.first?.deadline }

    mutating func append(_ command: Command) { commands.append(command) }

    mutating func removeAll() -> [Command] {
        defer { commands = [] }
        return commands
    }

    /// Takes those out whose deadline is not after `now`. Deadlines rise along the line.
    mutating func removeExpired(now: UInt64) -> [Command] {
        let expired = commands.prefix { $0.deadline <= now }
        defer { commands.removeFirst(expired.count) }
        return Array(expired)
    }

    mutating func remove(_ ticket: UInt64) -> Command? {
        guard let index = commands.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return commands.remove(at: index)
    }
}
