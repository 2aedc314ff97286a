internal import Logging
internal import Telemetry

/// Says on standard error why the daemon does not start, so that it is found where errors are looked for: in the
/// journal with the priority of an error, and as JSON where the configuration wants its log so. Else in plain words.
struct StartFailure {
    private let format: LogFormat
    private let prefix: LogPrefix

    /// Of the configuration only its `log_format` is read, as far as that can be.
    init(configuration path: String, environment: [String: String]) {
        format = GatewayConfiguration.logFormat(path: path) == .json ? .json : .logfmt
        prefix = JournalStream.prefix(environment: environment)
    }

    /// Says it, a line each.
    func tell(_ lines: [String]) {
        let output = DescriptorLogOutput(prefix: prefix)
        switch format {
        case .json:
            let logger = Logger(label: "customersd") { [format, prefix] label in
                LineLogHandler(label: label, control: LogControl(format: format), output: output, prefix: prefix)
            }
            for line in lines { logger.error("\(line)") }
        case .logfmt:
            // sd-daemon(3): 3 is an error.
            for line in lines { output.write(Array("\(prefix == .journal ? "<3>" : "")\(line)\n".utf8)) }
        }
    }
}

extension GatewayConfiguration {
    /// `log_format` alone, from a file in which everything else may be wrong; the default when it cannot be read.
    fileprivate static func logFormat(path: String) -> LogFormatSetting {
        let file = SettingsFile(path: path, credentials: .none)
        let top = SettingsSection(file.document(), file: file, path: "", known: ["log_format"])
        return top.choice("log_format", default: .logfmt)
    }
}
