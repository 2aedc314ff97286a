public import FastCGI

/// The whole configuration of the daemon: `customersd.yaml` and the tenants' files (DESIGN.md section 6). A plain
/// value; two may be compared to see what a reload changed.
public struct GatewayConfiguration: Sendable, Equatable {
    /// Where FastCGI connections come in, at least one place, unless systemd hands over sockets (`listen`).
    public var listen: [ListenSetting]
    /// The web servers that may connect over TCP; without any, TCP is for this machine only (`allow`).
    public var allow: [AddressBlock]
    /// Event loops; 0 is one for each core (`workers`).
    public var workers: Int
    /// Where `customersctl` reaches the daemon (`control`).
    public var control: ControlSetting
    /// Whether each request gets a line in the log (`access_log`).
    public var accessLog: AccessLogSetting
    /// The least level that is logged (`log_level`).
    public var logLevel: LogLevelSetting
    /// How lines are written (`log_format`).
    public var logFormat: LogFormatSetting
    /// The state store (`redis`).
    public var redis: RedisSettings
    /// The chat server (`chat`).
    public var chat: ChatSettings
    /// Access tokens (`tokens`).
    public var tokens: TokenSettings
    /// 32 bytes that seal chat tokens in Redis and derive passwords (`seal_key_file`).
    public var sealKey: SecretValue
    /// What callers may do how often (`limits`).
    public var limits: LimitSettings
    /// The directory of the tenants' files (`tenants`).
    public var tenantsDirectory: String
    /// The tenants in the order of their file names.
    public var tenants: [TenantSettings]
    /// What is unwise but allowed, in the order of files and lines; to be logged at start and shown by a check.
    public var warnings: [ConfigurationProblem]

    /// Reads and checks everything.
    ///
    /// - Parameters:
    ///   - path: `customersd.yaml`; paths in it are relative to its directory.
    ///   - environment: of it only `CREDENTIALS_DIRECTORY` is read, where systemd puts credentials.
    /// - Returns: the configuration with its ``warnings``.
    /// - Throws: ``ConfigurationError`` with all problems, not only the first.
    public static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationError) -> GatewayConfiguration {
        try load(path: path, credentials: .handedOver(environment))
    }

    static func load(path: String, credentials: Credentials) throws(ConfigurationError) -> GatewayConfiguration {
        try ConfigurationLoader(path: path, credentials: credentials).load()
    }

    /// What the next start will read: as ``load(path:environment:)``, but for the service's configuration secrets come
    /// from where its unit has them from, and the keys that the first start makes may be missing, which is a warning.
    /// For a check only, as the configuration has other keys in their place.
    ///
    /// - Parameters:
    ///   - path: `customersd.yaml`.
    ///   - environment: as for ``load(path:environment:)``.
    /// - Returns: the configuration with its ``warnings``.
    /// - Throws: ``ConfigurationError`` with all problems.
    public static func check(
        path: String, environment: [String: String]
    ) throws(ConfigurationError) -> GatewayConfiguration {
        try check(path: path, credentials: .atNextStart(of: path, environment))
    }

    static func check(path: String, credentials: Credentials) throws(ConfigurationError) -> GatewayConfiguration {
        try ConfigurationLoader(path: path, credentials: credentials, precedesFirstStart: true).load()
    }
}
