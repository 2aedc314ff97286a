internal import Glibc
internal import Yams

/// Looks at the files that hold secrets: nobody but root and the daemon has business with them.
struct SecretFileCheck {
    let path: String
    let tenants: String
    let environment: [String: String]

    private static let user = "customersd"

    func findings() -> [Finding] {
        let credentials = environment["CREDENTIALS_DIRECTORY"]
        let names = (ReadableFile.names(inDirectory: tenants) ?? []).filter {
            $0.hasSuffix(".yaml") && !$0.hasPrefix(".")
        }
        var findings: [Finding] = []
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
                findings += check(secret, isSecret: true)
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

    private func check(_ file: String, isSecret: Bool) -> [Finding] {
        var status = stat()
        guard stat(file, &status) == 0 else { return [] }
        var findings: [Finding] = []
        let mode = status.st_mode & 0o777
        if isSecret, mode & 0o007 != 0 {
            findings.append(
                .fault(
                    "everybody may read \(file)",
                    "chown root:\(Self.user) \(file) && chmod 0640 \(file); then change the secret"))
        }
        if mode & 0o022 != 0, !(mode & 0o002 == 0 && status.st_gid == 0) {
            findings.append(.fault("others than root may write \(file)", "chmod go-w \(file)"))
        }
        if let user = Self.daemon, !Self.mayRead(user, status) {
            findings.append(
                .fault(
                    "the daemon's user \(Self.user) may not read \(file)",
                    "chgrp \(Self.user) \(file) && chmod g+r \(file)"))
        }
        return findings
    }

    /// The daemon's user and group; nil where there is no such user, or where this is not root's to ask.
    private static let daemon: (user: uid_t, group: gid_t)? = {
        guard geteuid() == 0 else { return nil }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let base = buffer.baseAddress, getpwnam_r(user, &entry, base, buffer.count, &found) == 0, found != nil
            else { return nil }
            return (entry.pw_uid, entry.pw_gid)
        }
    }()

    private static func mayRead(_ daemon: (user: uid_t, group: gid_t), _ status: stat) -> Bool {
        if status.st_uid == daemon.user { return status.st_mode & 0o400 != 0 }
        if status.st_gid == daemon.group { return status.st_mode & 0o040 != 0 }
        return status.st_mode & 0o004 != 0
    }
}
