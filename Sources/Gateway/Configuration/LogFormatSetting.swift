/// The values of `log_format`.
public enum LogFormatSetting: String, Sendable, CaseIterable {
    case logfmt, json
}
