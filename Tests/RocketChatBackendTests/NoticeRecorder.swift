import Logging
import Synchronization

/// Keeps what is logged: level, message, and reason or route with status and code.
final class NoticeRecorder: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    let threshold: Logger.Level
    var logLevel: Logger.Level {
        get { threshold }
        set {}
    }

    init(threshold: Logger.Level = .info) { self.threshold = threshold }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var lines: [String] { recorded.withLock { $0 } }

    func log(event: LogEvent) {
        let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
        let call = ["route", "status", "code"].compactMap { event.metadata?[$0].map { " \($0)" } }.joined()
        recorded.withLock { $0.append("\(event.level): \(event.message)\(reason)\(call)") }
    }
}
