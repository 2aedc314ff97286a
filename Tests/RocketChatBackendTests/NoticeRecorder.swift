import Logging
import Synchronization

/// Keeps what is logged: level, message and reason.
final class NoticeRecorder: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var lines: [String] { recorded.withLock { $0 } }

    func log(event: LogEvent) {
        let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
        recorded.withLock { $0.append("\(event.level): \(event.message)\(reason)") }
    }
}
