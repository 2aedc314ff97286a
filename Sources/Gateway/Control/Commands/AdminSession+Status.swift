internal import FoundationEssentials
internal import Glibc

extension AdminSession {
    /// How the running daemon is. The report's status is 1 when Redis or the chat server is in trouble.
    ///
    /// - Parameter socket: the control socket; nil for the configured one.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func status(socket: String?) throws(AdminError) -> Report {
        let json = try control(socket).ask(.status)
        guard let status = try? JSONDecoder().decode(GatewayStatus.self, from: Data(json)) else {
            throw AdminError(
                .unavailable, "the daemon's answer is not understood",
                remedy: "it is of another version than this program: systemctl restart customersd")
        }
        return Report(GatewayStatusText(status).text, status, status: status.isWell ? 0 : 1)
    }

    /// The running daemon's metrics, as Prometheus reads them; the same text as JSON is one string.
    ///
    /// - Parameter socket: the control socket; nil for the configured one.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func metrics(socket: String?) throws(AdminError) -> Report {
        let json = try control(socket).ask(.metrics)
        guard let text = try? JSONDecoder().decode(String.self, from: Data(json)) else {
            throw AdminError(.unavailable, "the daemon's answer is not understood")
        }
        return Report(text.hasSuffix("\n") ? String(text.dropLast()) : text, text)
    }

    /// Lets the daemon read tenants and log settings anew, after having checked them here.
    ///
    /// - Parameters:
    ///   - socket: the control socket; nil for the configured one.
    ///   - process: the daemon's, which gets a signal where the control socket is off; nobody hears then how it went.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func reload(socket: String?, process: Int32? = nil) throws(AdminError) -> Report {
        let configuration = try configuration()
        if let process, socket == nil, configuration.control.path == nil { return try signal(process) }
        let answer = try ReloadAnswer(parsing: control(socket).ask(.reload))
        guard answer.problems.isEmpty else {
            throw AdminError(
                .configuration,
                "the daemon cannot use the configuration, the old one stays in force"
                    + answer.problems.map { "\n\($0)" }.joined(),
                remedy: "correct it, then customersctl reload")
        }
        let secrets = keysForRestart(since: configuration).filter { !answer.waiting.contains($0) }
        return Report(reloaded: configuration, waiting: answer.waiting + secrets)
    }

    /// The keys whose secrets systemd will hand over at the next start otherwise than it has to the running daemon,
    /// which cannot see that. What is wrong with them, a check says.
    private func keysForRestart(since running: GatewayConfiguration) -> [String] {
        guard case .folder = credentials,
            let next = try? GatewayConfiguration.check(
                path: path, credentials: Credentials.atNextStart(of: path, environment))
        else { return [] }
        return next.keysForRestart(since: running)
    }

    /// SIGHUP for a daemon, and for nobody else.
    private func signal(_ process: Int32) throws(AdminError) -> Report {
        // 0 and below are groups of processes, 1 is none of ours.
        guard process > 1 else { throw AdminError(.usage, "--pid is the number of one process, 2 or more") }
        guard DaemonProcess.runs(as: process) else {
            throw AdminError(
                .refused, "process \(process) is no customersd, and got no signal",
                remedy: "systemctl show -p MainPID customersd has the number")
        }
        guard kill(process, SIGHUP) == 0 else {
            throw AdminError(
                errno == EPERM ? .noPermission : .unavailable, "process \(process) takes no signal",
                remedy: "run this as root or as the daemon's user")
        }
        return Report(
            "process \(process) was told to reload; control: is off, so only its log says how it went: "
                + "journalctl -u customersd -n 20", ["signalled": process])
    }

    /// Where the daemon listens. With a configuration that has errors, or is not for this user, it is where it is by
    /// default.
    private func control(_ socket: String?) throws(AdminError) -> ControlClient {
        if let socket { return ControlClient(path: socket) }
        let configuration: GatewayConfiguration
        do throws(AdminError) {
            configuration = try self.configuration()
        } catch {
            // Another daemon's state would be no answer to a mistyped --config.
            guard access(self.path, F_OK) == 0 || errno != ENOENT else { throw error }
            return ControlClient(path: ControlSetting.defaultPath, configuration: self.path)
        }
        guard let path = configuration.control.path else {
            throw AdminError(
                .configuration, "control: is off in \(path)", remedy: "remove the line and restart the daemon")
        }
        return ControlClient(path: path, configuration: self.path)
    }
}

/// A reload, as `customersctl reload --json` prints it.
private struct ReloadView: Encodable {
    var tenants: Int
    /// The keys that have changed and that only a restart takes.
    var waiting: [String]
}

extension Report {
    fileprivate init(reloaded configuration: GatewayConfiguration, waiting: [String] = []) {
        let note =
            waiting.isEmpty
            ? "" : "\nnot yet in force: \(waiting.joined(separator: ", "))\n  → systemctl restart customersd takes them"
        self.init(
            "reloaded, \(configuration.tenantCount)\(note)",
            ReloadView(tenants: configuration.tenants.count, waiting: waiting))
    }
}
