internal import Customers
internal import EventLoop
internal import FastCGI
internal import Glibc
internal import Logging
internal import Metrics
internal import Telemetry

/// What the `customersd` program does: checks the configuration, or serves with it until it is told to stop.
public struct Launch: Sendable {
    private let path: String
    private let environment: [String: String]

    /// The exit status for a configuration that has errors (`EX_CONFIG` of sysexits.h).
    public static let configurationStatus: Int32 = 78
    /// The exit status of a check by a user who may not read the configuration (`EX_NOPERM` of sysexits.h).
    public static let noPermissionStatus: Int32 = 77

    /// Names the configuration file; `environment` is the process's.
    public init(path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// Reads the configuration as the next start will, and says what is wrong with it on standard error, as `nginx -t`
    /// does.
    ///
    /// - Returns: the exit status.
    public func check() -> Int32 {
        let found = ConfigurationCheck(path: path, environment: environment)
        for line in found.lines { Self.say(line) }
        return found.status
    }

    /// Serves until SIGTERM. Call it on the main thread, before there are others.
    ///
    /// - Returns: the exit status.
    public func serve() -> Int32 {
        ReloadSignal.hold()
        IdleSignals.ignore()
        do {
            let configuration = try GatewayConfiguration.load(path: path, environment: environment)
            let control = LogControl(configuration)
            var tools = MonitorTools()
            tools.configuration = path
            tools.controlPath = configuration.control.path
            tools.chatURL = configuration.chat.url
            tools.accessLog.set(configuration.accessLog)
            LineLogHandler.bootstrap(control: control, environment: environment, recent: tools.recent)
            MetricsSystem.bootstrap(tools.registry)
            DomainMetrics.begin()
            let logger = Logger(label: "customersd")
            for warning in configuration.warnings { logger.warning("\(warning)") }
            try FastCGILibrary.initialize()
            Self.raiseDescriptorLimit()
            let inherited = try InheritedSockets.take()
            let listeners = try inherited?.listeners ?? Self.open(configuration)
            try checkPeers(listeners, configuration)
            let plan = try Self.plan(configuration, file: path)
            let gateway = try Gateway(
                plan: plan, loops: configuration.workers, listeners: listeners, stored: inherited?.stored ?? [],
                peers: configuration.allow, bodyLimit: configuration.limits.body, tools: tools,
                serviceManager: ServiceManager(environment: environment), logger: logger
            ) { [accessLog = tools.accessLog, isInherited = inherited != nil] () throws(ConfigurationError) in
                var start = configuration
                let new = try reload(control: control, accessLog: accessLog, logger: logger)
                // What systemd hands over counts in its place, at the next start as well.
                if isInherited { start.listen = new.listen }
                return Reloaded(
                    tenants: new.tenants.compactMap { Tenant($0) }, waiting: new.keysForRestart(since: start))
            }
            for listener in listeners { logger.notice("listening", metadata: ["address": "\(listener.address)"]) }
            gateway.run()
            return 0
        } catch let error as ConfigurationError {
            tell(error.problems.map(\.description))
            if let first = error.problems.first {
                let others = error.problems.count > 1 ? " (and \(error.problems.count - 1) more)" : ""
                ServiceManager(environment: environment).status("not started: \(first)\(others)")
            }
            // A request that waits on systemd's socket starts the next attempt at once: not many a second, please.
            if InheritedSockets.isSomebodyWaiting { sleep(1) }
            return Self.configurationStatus
        } catch let error as FastCGIError where error.code == .inUse {
            tell(["customersd: \(error); the service may be running: systemctl status customersd"])
            return 1
        } catch {
            tell(["customersd: \(error)"])
            return 1
        }
    }

    /// Why it does not start.
    private func tell(_ lines: [String]) {
        StartFailure(configuration: path, environment: environment).tell(lines)
    }

    /// The configuration as it is now; log level and format change at once.
    private func reload(
        control: LogControl, accessLog: AccessLog, logger: Logger
    ) throws(ConfigurationError) -> GatewayConfiguration {
        do {
            let configuration = try GatewayConfiguration.load(path: path, environment: environment)
            for warning in configuration.warnings { logger.warning("\(warning)") }
            control.apply(configuration)
            accessLog.set(configuration.accessLog)
            return configuration
        } catch {
            for problem in error.problems { logger.error("\(problem)") }
            logger.error("the configuration has errors; the old one stays in force")
            throw error
        }
    }

    private static func open(_ configuration: GatewayConfiguration) throws -> [ListenSocket] {
        try configuration.listen.map {
            let options = ListenOptions(allowsRemote: !configuration.allow.isEmpty)
            return try ListenSocket.open(ListenAddress("\($0)"), options: options)
        }
    }

    /// What systemd hands over is checked like what the configuration names.
    private func checkPeers(
        _ listeners: [ListenSocket], _ configuration: GatewayConfiguration
    ) throws(ConfigurationError) {
        guard configuration.allow.isEmpty, let open = listeners.first(where: { !$0.address.isLocal }) else { return }
        throw ConfigurationError(problems: [
            ConfigurationProblem(
                file: path, key: "allow",
                text:
                    "is required: systemd hands over \(open.address), which other machines can reach, and FastCGI knows "
                    + "no authentication. Name the web servers that may connect, such as allow: [10.0.0.12]")
        ])
    }

    /// Builds the plan; the keys' library is asynchronous, and there is no loop yet to wait on.
    private static func plan(_ configuration: GatewayConfiguration, file: String) throws -> GatewayPlan {
        let tenants = TenantDirectory(configuration.tenants.compactMap { Tenant($0) })
        let loop = try EventLoop(name: "start")
        let box = PlanBox()
        Task(executorPreference: loop) {
            do throws(ConfigurationError) {
                box.result = .success(try await GatewayPlan(configuration, file: file, tenants: tenants))
            } catch {
                box.result = .failure(error)
            }
            loop.stop()
        }
        loop.run()
        guard let result = box.result else { throw EventLoopError.outOfMemory }
        return try result.get()
    }

    /// Carries the plan out of its task.
    // @unchecked: the task runs on a loop that runs on the thread which reads the result afterwards.
    private final class PlanBox: @unchecked Sendable {
        var result: Result<GatewayPlan, ConfigurationError>?
    }

    /// Each request in flight needs a descriptor or two; the soft limit is for programs that use select(2).
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

extension GatewayConfiguration {
    /// `1 tenant`.
    var tenantCount: String { "\(tenants.count) \(tenants.count == 1 ? "tenant" : "tenants")" }
}

extension LogControl {
    fileprivate convenience init(_ configuration: GatewayConfiguration) {
        self.init()
        apply(configuration)
    }

    fileprivate func apply(_ configuration: GatewayConfiguration) {
        level = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
        format = configuration.logFormat == .json ? .json : .logfmt
    }
}
