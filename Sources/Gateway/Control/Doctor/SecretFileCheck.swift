internal import Glibc
internal import Yams

/// Looks at the files that hold secrets: nobody but root and the daemon has business with them.
struct SecretFileCheck {
    let path: String
    let tenants: String
    let environment: [String: String]

    /// The configuration that the service has: for it the daemon's account counts.
    private static let installed = "/etc/customersd/customersd.yaml"

    /// What the daemon could not read although root can: nothing where this is not root's to say.
    func unreadable() -> [Finding] {
        guard path == Self.installed, geteuid() == 0, DaemonAccount.ids != nil else { return [] }
        return findings().filter { $0.text.contains("may not read") }
    }

    func findings() -> [Finding] {
        let credentials = environment["CREDENTIALS_DIRECTORY"]
        let names = ((try? ReadableFile.names(inDirectory: tenants)) ?? []).filter {
            $0.hasSuffix(".yaml") && !$0.hasPrefix(".")
        }
        let handedOver = CredentialUnit.files()
        var findings = check(tenants, isSecret: false)
        var seen: Set<String> = []
        for configuration in [path] + names.map({ "\(tenants)/\($0)" }) {
            findings += check(configuration, isSecret: false)
            let file = SettingsFile(path: configuration, credentialsDirectory: credentials)
            for name in file.document().map({ Self.secretFiles(in: $0) }) ?? [] {
                guard let secret = file.candidates(forSecret: name).first(where: { access($0, F_OK) == 0 }),
                    seen.insert(secret).inserted
                else { continue }
                // What systemd handed over is as it must be.
                if let credentials, secret.hasPrefix(credentials + "/") { continue }
                findings += check(secret, isSecret: true, isHandedOver: handedOver.contains(secret))
            }
        }
        if findings.isEmpty { findings = [.good("\(seen.count) files with secrets are nobody else's")] }
        return findings
    }

    /// The values of all keys that end in `_file`, but for certificates, which are public.
    private static func secretFiles(in node: Node) -> [String] {
        switch node {
        case .mapping(let mapping):
            mapping.flatMap { key, value -> [String] in
                guard let name = key.scalar?.string, name.hasSuffix("_file"), name != "ca_file",
                    let text = value.scalar?.string
                else { return secretFiles(in: value) }
                return text.isEmpty ? [] : [text]
            }
        case .sequence(let sequence): sequence.flatMap { secretFiles(in: $0) }
        default: []
        }
    }

    private func check(_ file: String, isSecret: Bool, isHandedOver: Bool = false) -> [Finding] {
        var status = stat()
        guard stat(file, &status) == 0 else { return [] }
        var findings: [Finding] = []
        let mode = status.st_mode & 0o777
        if isSecret, mode & 0o007 != 0 {
            findings.append(
                .fault(
                    "everybody may read \(file)",
                    "chown root:\(DaemonAccount.name) \(file) && chmod 0640 \(file); then change the secret"))
        }
        if mode & 0o022 != 0, !(mode & 0o002 == 0 && status.st_gid == 0) {
            findings.append(.fault("others than root may write \(file)", "chmod go-w \(file)"))
        }
        if geteuid() == 0, !isHandedOver, !DaemonAccount.mayRead(status) {
            findings.append(
                .fault(
                    "the daemon's user \(DaemonAccount.name) may not read \(file)", DaemonAccount.remedy(file)))
        }
        return findings
    }
}
