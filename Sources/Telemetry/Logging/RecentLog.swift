internal import Logging
internal import Synchronization

/// The last warnings and errors of the process, for a status page. From any thread.
public final class RecentLog: Sendable {
    /// Lines that are kept; an older one goes for each new one.
    public static let capacity = 50

    private let ring = Mutex<[String]>([])

    /// Makes an empty log.
    public init() {}

    /// The lines, oldest first: logfmt with their time, redacted and escaped as in the log itself, without line ends.
    public var lines: [String] { ring.withLock { $0 } }

    func add(level: Logger.Level, message: String, label: String, metadata: Logger.Metadata) {
        let bytes = LogLine.bytes(
            level: level, message: message, label: label, metadata: metadata, format: .logfmt, prefix: .timestamp,
            time: .now)
        let line = String(decoding: bytes.dropLast(), as: UTF8.self)
        ring.withLock { ring in
            if ring.count >= Self.capacity { ring.removeFirst(ring.count - Self.capacity + 1) }
            ring.append(line)
        }
    }
}
