/// How a log line is written (`log_format` in the configuration).
public enum LogFormat: String, Sendable, CaseIterable {
    /// `level=info msg="ready" logger=gateway workers=4`.
    case logfmt
    /// `{"level":"info","msg":"ready","logger":"gateway","workers":"4"}`.
    case json
}
