/// Why a room is looked at by the sweep. Each rule has a list of rooms with the time from which on it counts.
public enum SweepRule: String, Sendable, CaseIterable {
    /// Its close has begun and must be finished.
    case closing
    /// An account or a room was about to be made, and nobody can say what came of it (``Opening``). The list has
    /// customers, not rooms.
    case opening
    /// It waits in a queue, no agent has it, and nobody may be there any more (`queue_ttl`).
    case waiting
    /// It is open, and nobody may be there any more (`session_ttl`).
    case open
}

/// What must hold for a room that is closed because nobody is there: otherwise somebody came back at the last moment.
public struct IdleRoom: Sendable, Hashable {
    /// ``SweepRule/waiting`` or ``SweepRule/open``.
    public var rule: SweepRule
    /// For so long nobody was there.
    public var milliseconds: Int64

    /// Makes a condition.
    public init(rule: SweepRule, milliseconds: Int64) {
        self.rule = rule
        self.milliseconds = milliseconds
    }
}
