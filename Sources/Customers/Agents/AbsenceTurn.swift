/// Whose turn it is to look for agents who are away and have rooms.
public enum AbsenceTurn: Sendable {
    /// The caller's.
    case ours
    /// Somebody else's, not long ago.
    case taken
    /// Nobody's: no agent has a room.
    case needless
}
