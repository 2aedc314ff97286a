public import Logging
internal import Synchronization

/// The level and format that all handlers of a process share. Both may be changed at any time from any thread; the next
/// line obeys.
public final class LogControl: Sendable {
    private let levelIndex: Atomic<Int>
    private let isJSON: Atomic<Bool>

    /// Makes a control; `info` lines in logfmt unless told.
    public init(level: Logger.Level = .info, format: LogFormat = .logfmt) {
        levelIndex = Atomic(Self.index(of: level))
        isJSON = Atomic(format == .json)
    }

    /// Lines below this level are dropped.
    public var level: Logger.Level {
        get {
            let index = levelIndex.load(ordering: .relaxed)
            return Logger.Level.allCases.indices.contains(index) ? Logger.Level.allCases[index] : .info
        }
        set { levelIndex.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// How lines are written.
    public var format: LogFormat {
        get { isJSON.load(ordering: .relaxed) ? .json : .logfmt }
        set { isJSON.store(newValue == .json, ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}
