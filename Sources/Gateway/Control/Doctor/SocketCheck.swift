internal import FastCGI
internal import Glibc

/// Looks at the sockets: whether nginx can reach the daemon, and whether the daemon answers.
struct SocketCheck {
    private let configuration: GatewayConfiguration
    private let file: String

    /// `file` is where the configuration was read from.
    init(_ configuration: GatewayConfiguration, file: String) {
        self.configuration = configuration
        self.file = file
    }

    func findings() -> [Finding] {
        var findings: [Finding] = []
        for listen in configuration.listen {
            switch listen {
            case .unix(let path): findings += fastCGI(path)
            case .tcp: findings.append(Self.port(listen))
            }
        }
        guard let path = configuration.control.path else { return findings }
        do throws(AdminError) {
            _ = try ControlClient(path: path, configuration: file, patience: .seconds(20)).ask(.status)
            findings.append(.good("the daemon answers on \(path)"))
        } catch {
            findings.append(.fault(error.text, error.remedy))
        }
        return findings
    }

    private func fastCGI(_ path: String) -> [Finding] {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return [
                .fault(
                    "there is no FastCGI socket \(path)",
                    "systemctl restart customersd.socket customersd.service makes it, also where it was deleted; the socket unit's "
                        + "ListenStream and listen: must be the same path"
                )
            ]
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return [.fault("\(path) is no socket", "remove it and start the daemon again")]
        }
        var findings: [Finding] = []
        let group = Self.groupName(status.st_gid)
        if status.st_mode & 0o007 != 0 {
            findings.append(
                .warning("everybody on this machine may connect to \(path)", "SocketMode=0660 in customersd.socket"))
        }
        if status.st_mode & 0o060 != 0o060 || status.st_gid == 0 {
            findings.append(
                .warning(
                    "\(path) belongs to group \(group) with mode \(String(status.st_mode & 0o777, radix: 8)): nginx may not get in",
                    "SocketGroup= and SocketMode=0660 in customersd.socket; the group is nginx's (www-data)"))
        } else {
            findings.append(.good("\(path) is there for group \(group)"))
        }
        return findings
    }

    /// Whether a TCP port takes connections. From here: an address that is not on the list of `allow` is let go at
    /// once.
    private static func port(_ listen: ListenSetting) -> Finding {
        do {
            try ListenAddress("\(listen)").probe()
            return .good("\(listen) takes connections")
        } catch {
            return .fault(
                "\(listen) does not take connections: \(error)",
                "systemctl start customersd.socket; with a socket unit it needs ListenStream=\(listen) too (systemctl edit "
                    + "customersd.socket)")
        }
    }

    private static func groupName(_ id: gid_t) -> String {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard getgrgid_r(id, &entry, buffer.baseAddress, buffer.count, &found) == 0, found != nil,
                let name = entry.gr_name
            else { return String(id) }
            return String(cString: name)
        }
    }
}
