/// What customersd.service hands to the daemon as credentials: root's files, which the daemon's own user need not be
/// able to read.
enum CredentialUnit {
    private static let folders = ["/lib/systemd/system", "/usr/local/lib/systemd/system", "/etc/systemd/system"]
    private static let name = "customersd.service"

    /// The files that the unit and its drop-ins name.
    static func files() -> Set<String> {
        let units = folders.flatMap { folder in
            let dropIns = (try? ReadableFile.names(inDirectory: "\(folder)/\(name).d")) ?? []
            return ["\(folder)/\(name)"] + dropIns.map { "\(folder)/\(name).d/\($0)" }
        }
        return units.reduce(into: []) { files, unit in
            guard let bytes = try? ReadableFile(path: unit).bytes else { return }
            files.formUnion(Self.files(in: String(decoding: bytes, as: UTF8.self)))
        }
    }

    /// The right sides of `LoadCredential=name:/path` and `LoadCredentialEncrypted=name:/path`.
    static func files(in unit: String) -> [String] {
        unit.split(whereSeparator: \.isNewline).compactMap { line in
            guard let setting = line.firstIndex(of: "="), line.hasPrefix("LoadCredential") else { return nil }
            let parts = line[line.index(after: setting)...].split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[1].hasPrefix("/") ? String(parts[1]) : nil
        }
    }
}
