public import Logging

/// The process's log handler: one escaped, redacted line an event.
///
/// Level and format come from a shared ``LogControl``; a logger's own `logLevel` overrides the shared level for that
/// logger alone. Metadata such as `request_id` is carried by the logger and written on each of its lines.
public struct LineLogHandler: LogHandler {
    /// The `logger` of each line.
    public let label: String
    /// Written on each line of this logger.
    public var metadata: Logger.Metadata = [:]
    /// Asked for more metadata for each line.
    public var metadataProvider: Logger.MetadataProvider?

    private let control: LogControl
    private let output: any LogOutput
    private let prefix: LogPrefix
    private let recent: RecentLog?
    private var ownLevel: Logger.Level?

    /// Makes a handler; warnings and worse also go to `recent`.
    public init(
        label: String, control: LogControl, output: any LogOutput, prefix: LogPrefix, recent: RecentLog? = nil
    ) {
        self.recent = recent
        self.label = label
        self.control = control
        self.output = output
        self.prefix = prefix
    }

    /// Makes every `Logger` of the process write to standard error under `control`, with journald's priorities when
    /// that is the journal; the last warnings and worse are kept in `recent` as well. Once a process.
    public static func bootstrap(control: LogControl, environment: [String: String], recent: RecentLog? = nil) {
        let prefix = JournalStream.prefix(environment: environment)
        let output = DescriptorLogOutput(prefix: prefix)
        LoggingSystem.bootstrap {
            LineLogHandler(label: $0, control: control, output: output, prefix: prefix, recent: recent)
        }
    }

    /// The level below which this logger drops events: its own when it was set, else the shared one.
    public var logLevel: Logger.Level {
        get { ownLevel ?? control.level }
        set { ownLevel = newValue }
    }

    /// One entry of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event's line.
    public func log(event: LogEvent) {
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { _, own in own }
        if let more = event.metadata { all.merge(more) { _, own in own } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        if let recent, event.level >= .warning {
            recent.add(level: event.level, message: event.message.description, label: label, metadata: all)
        }
        output.write(
            LogLine.bytes(
                level: event.level, message: event.message.description, label: label, metadata: all,
                format: control.format, prefix: prefix,
                time: .now))
    }
}
