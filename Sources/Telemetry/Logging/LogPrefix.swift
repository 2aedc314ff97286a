/// What stands before a line, and whether it tells the time itself.
public enum LogPrefix: Sendable, Equatable {
    /// `<6>`: the priority that journald takes off the line (sd-daemon(3)); journald also adds the time.
    case journal
    /// The line starts with its time, for a terminal or a file.
    case timestamp
}
