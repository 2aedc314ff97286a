/// The values of `access_log`: whether each request gets a line at `info`.
public enum AccessLogSetting: String, Sendable, CaseIterable {
    case off, on
}
