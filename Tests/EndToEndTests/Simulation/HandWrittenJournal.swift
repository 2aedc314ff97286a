import TestSupport

/// Journals as a test writes them: one event a line, times in milliseconds.
///
/// ```
/// 100 open r1 ann            a room with its customer, or with an agent too
/// 200 add r1 bob
/// 300 remove r1 ann
/// 400 delete r1              or: archive
/// 500 presence bob away
/// ```
struct HandWrittenJournal {
    let events: [ChatEvent]

    init(_ text: String) {
        events = zip(1..., text.split(separator: "\n")).compactMap { number, line in
            Self.event(number, line.split(separator: " ").map(String.init))
        }
    }

    private static func event(_ number: Int, _ words: [String]) -> ChatEvent? {
        guard words.count >= 3, let at = Int64(words[0]) else { return nil }
        let last = words[words.count - 1]
        switch words[1] {
        case "open":
            return ChatEvent(number: number, at: at, .roomCreated, rid: words[2], members: Array(words[3...]))
        case "add": return ChatEvent(number: number, at: at, .memberAdded, rid: words[2], user: last)
        case "remove": return ChatEvent(number: number, at: at, .memberRemoved, rid: words[2], user: last)
        case "delete": return ChatEvent(number: number, at: at, .roomDeleted, rid: words[2])
        case "archive": return ChatEvent(number: number, at: at, .roomArchived, rid: words[2])
        case "presence": return ChatEvent(number: number, at: at, .presence, user: words[2], status: last)
        default: return nil
        }
    }

    /// Replayed with agents who are online from the start.
    func replayed(_ capacity: [String: Int]) -> ChatJournal {
        ChatJournal(
            events,
            agents: capacity.map { name, capacity in
                var agent = GatewayTenantPlan.Agent(capacity: capacity)
                agent.username = name
                return agent
            })
    }
}
