internal import Glibc
internal import Yams

/// Looks at the files of a configuration: the daemon must be able to read them, and nobody else has business with those
/// that hold secrets.
struct SecretFileCheck {
    let path: String
    let tenants: String
    let credentials: Credentials
    /// Whom the files must be readable for; nil where that is not ours to say.
    private let account: DaemonAccount?

    /// `account` is the daemon's on this machine. What it may read can only be told by root, and only of the
    /// configuration that the service has.
    init(
        path: String, tenants: String, credentials: Credentials,
        account: DaemonAccount? = geteuid() == 0 ? .installed : nil
    ) {
        self.path = path
        self.tenants = tenants
        self.credentials = credentials
        let isInstalled = credentials.ownUnit != nil || ServiceUnit.isSame(path, ServiceUnit.usualConfiguration)
        self.account = isInstalled ? account?.joining(credentials.ownUnit?.groups ?? []) : nil
    }

    /// One of the files.
    private struct File {
        var path: String
        var isSecret = false
        /// Whether systemd reads it, as root.
        var isHandedOver = false
    }

    /// What the daemon could not read although root can.
    func unreadable() -> [Finding] { files().flatMap(access) }

    func findings() -> [Finding] {
        let files = files()
        let findings = files.flatMap { modes($0) + access($0) }
        return findings.isEmpty
            ? [.good("\(files.count { $0.isSecret }) files with secrets are nobody else's")] : findings
    }

    /// All that there are, each once.
    private func files() -> [File] {
        let names = ((try? ReadableFile.names(inDirectory: tenants)) ?? []).filter {
            $0.hasSuffix(".yaml") && !$0.hasPrefix(".")
        }
        var files = [File(path: tenants)]
        var seen: Set<String> = []
        for configuration in [path] + names.map({ "\(tenants)/\($0)" }) {
            files.append(File(path: configuration))
            let settings = SettingsFile(path: configuration, credentials: credentials)
            for setting in settings.document().map(Self.named) ?? [] {
                let (key, name) = (setting.key, setting.name)
                // Certificates are public, and no credentials.
                let file = key == "ca_file" ? File(path: settings.resolve(name)) : secret(name, of: settings)
                if let file, seen.insert(file.path).inserted { files.append(file) }
            }
        }
        return files
    }

    /// The file that a secret comes from; nil when it comes from elsewhere, or was handed over and is as it must be.
    private func secret(_ name: String, of settings: SettingsFile) -> File? {
        let beside = settings.resolve(name)
        for place in settings.candidates(forSecret: name) {
            guard case .file(let path) = place else { return nil }
            guard Glibc.access(path, F_OK) == 0 else { continue }
            if case .folder = credentials, path != beside { return nil }
            let isHandedOver = !name.hasPrefix("/") && credentials.ownUnit?.places(of: name).contains(place) == true
            return File(path: path, isSecret: true, isHandedOver: isHandedOver)
        }
        return nil
    }

    /// All keys that end in `_file`, with their values.
    private static func named(_ node: Node) -> [(key: String, name: String)] {
        switch node {
        case .mapping(let mapping):
            mapping.flatMap { key, value -> [(key: String, name: String)] in
                guard let key = key.scalar?.string, key.hasSuffix("_file"), let text = value.scalar?.string else {
                    return named(value)
                }
                return text.isEmpty ? [] : [(key, text)]
            }
        case .sequence(let sequence): sequence.flatMap(named)
        default: []
        }
    }

    private func modes(_ file: File) -> [Finding] {
        guard let permissions = FilePermissions(of: file.path) else { return [] }
        var findings: [Finding] = []
        if file.isSecret, permissions.mode & 0o007 != 0 {
            findings.append(
                .fault(
                    "everybody may read \(file.path)",
                    "chown root:\(DaemonAccount.name) \(file.path) && chmod 0640 \(file.path); then change the secret"))
        }
        if permissions.mode & 0o022 != 0, !(permissions.mode & 0o002 == 0 && permissions.group == 0) {
            findings.append(.fault("others than root may write \(file.path)", "chmod go-w \(file.path)"))
        }
        return findings
    }

    private func access(_ file: File) -> [Finding] {
        guard let account, !file.isHandedOver else { return [] }
        if let setting = Set([file.path, DaemonAccount.resolved(file.path)]).lazy.compactMap({
            credentials.ownUnit?.hides($0)
        }).first {
            return [
                .fault(
                    "systemd hides \(file.path) from the daemon (\(setting))",
                    "put it elsewhere, such as /etc/customersd")
            ]
        }
        guard let obstacle = account.obstacle(on: file.path) else { return [] }
        let reason = obstacle == file.path ? "" : ": it may not pass \(obstacle)"
        return [
            .fault(
                "the daemon's user \(DaemonAccount.name) may not read \(file.path)\(reason)",
                DaemonAccount.remedy(file.path, obstacle: obstacle))
        ]
    }
}
