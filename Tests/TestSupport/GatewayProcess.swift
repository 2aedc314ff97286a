internal import Foundation

/// A `customersd` of its own; killed when the value is released.
public final class GatewayProcess: Sendable {
    /// The process; its lines are the log.
    public let process: ChildProcess

    /// Starts it; it may not be ready yet.
    public init(configurationFile: String, arguments: [String] = [], environment: [String: String] = [:]) throws {
        process = try ChildProcess(
            try GatewayExecutables.path(of: "customersd"), ["--config", configurationFile] + arguments,
            environment: environment)
    }

    /// What it logged so far.
    public var log: [String] { process.lines }

    /// Asks it to read its configuration again (SIGHUP).
    public func reload() { process.signal(SIGHUP) }

    /// How many threads it has.
    public var threadCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/task").count) ?? 0
    }

    /// How many descriptors it has open.
    public var descriptorCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/fd").count) ?? 0
    }
}
