internal import Logging

/// Builds log lines as bytes. Pure: the same event gives the same line.
enum LogLine {
    /// The longest line with prefix and line end: what Linux writes into a pipe in one piece (PIPE_BUF).
    static let maximumBytes = 4_096

    /// A line for an event, ending with the only line feed in it; what does not fit is left out, and the line says so.
    static func bytes(
        level: Logger.Level, message: String, label: String, metadata: Logger.Metadata, format: LogFormat,
        prefix: LogPrefix, time: LogTime
    ) -> [UInt8] {
        var line = prefix == .journal ? Array("<\(priority(level))>".utf8) : []
        switch format {
        case .logfmt:
            var writer = LogfmtWriter()
            if prefix == .timestamp { writer.add("time", time.text) }
            writer.add("level", level.rawValue)
            writer.add("msg", message)
            writer.add("logger", label)
            for (key, value) in ordered(metadata) {
                writer.add(safeKey(key), value, isSecret: LogRedaction.isSecret(key))
            }
            line += writer.finish(maximumBytes: maximumBytes - line.count - 1)
        case .json:
            var writer = JSONLogWriter()
            writer.add("time", time.text)
            writer.add("level", level.rawValue)
            writer.add("msg", message)
            writer.add("logger", label)
            for (key, value) in ordered(metadata) {
                writer.add(safeKey(key), value, isSecret: LogRedaction.isSecret(key))
            }
            line += writer.finish(maximumBytes: maximumBytes - line.count - 1)
        }
        line.append(0x0A)
        return line
    }

    /// The line that follows lost ones.
    static func dropNotice(count: Int, prefix: LogPrefix) -> [UInt8] {
        bytes(
            level: .warning, message: "log lines dropped", label: "log", metadata: ["count": "\(count)"],
            format: .logfmt, prefix: prefix,
            time: .now)
    }

    /// The syslog priority that journald knows.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// The request id first, as it is what one searches for; the rest by key.
    private static func ordered(_ metadata: Logger.Metadata) -> [(key: String, value: Logger.MetadataValue)] {
        metadata.sorted { a, b in
            a.key == "request_id" ? b.key != "request_id" : b.key != "request_id" && a.key < b.key
        }
    }

    /// A key of letters, digits and `._-`, that is none of the line's own.
    private static func safeKey(_ key: String) -> String {
        if ["time", "level", "msg", "logger"].contains(key) { return key + "_" }
        let isSafe = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if key.utf8.allSatisfy(isSafe), !key.isEmpty { return key }
        return "_" + String(decoding: key.utf8.map { isSafe($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
