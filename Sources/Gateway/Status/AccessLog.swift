internal import HTTPMessage
internal import Logging
internal import Synchronization

/// One line a request, on demand (`access_log: on`; a reload switches it). From any thread.
final class AccessLog: Sendable {
    private let isOn: Atomic<Bool>

    init(isOn: Bool = false) { self.isOn = Atomic(isOn) }

    /// What the configuration says now.
    func set(_ setting: AccessLogSetting) { isOn.store(setting == .on, ordering: .relaxed) }

    /// Writes the line: at `info` when it is on, else at `debug`. No query, which may carry a signature, and no header
    /// field.
    func write(_ request: HTTPRequest, status: Int, nanoseconds: UInt64, to logger: Logger) {
        let level: Logger.Level = isOn.load(ordering: .relaxed) ? .info : .debug
        guard logger.logLevel <= level else { return }
        logger.log(
            level: level, "request",
            metadata: [
                "request_id": "\(request.requestID)", "method": "\(request.method)", "path": "\(request.path)",
                "status": "\(status)", "address": "\(request.remoteAddress)", "microseconds": "\(nanoseconds / 1_000)",
            ])
    }
}
