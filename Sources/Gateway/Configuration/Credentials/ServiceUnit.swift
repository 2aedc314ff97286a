internal import Glibc

/// What `customersd.service` and its drop-ins say that a check must know: what systemd hands to the daemon at its next
/// start, and what it hides from it (systemd.unit(5), systemd.exec(5)).
struct ServiceUnit: Equatable {
    /// A credential (`LoadCredential=`, `SetCredential=`).
    struct Credential: Equatable {
        /// The file; nil when there is only a text.
        var source: String?
        /// Whether only systemd can read it.
        var isEncrypted = false
        /// What stands in for a file that is not there.
        var text: [UInt8]?
    }

    static let name = "customersd.service"
    /// The configuration that the unit names as it is shipped.
    static let usualConfiguration = "/etc/customersd/customersd.yaml"
    /// Where units are, the weaker first.
    private static let folders = [
        "/lib/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system", "/run/systemd/system",
        "/etc/systemd/system",
    ]
    /// Where systemd looks for a credential whose source is no path.
    private static let stores = ["/run/credentials/@system", "/etc/credstore", "/run/credstore", "/usr/lib/credstore"]

    /// The configuration file that the service is started with.
    private(set) var configuration = Self.usualConfiguration
    /// By name.
    private(set) var credentials: [String: Credential] = [:]
    /// Groups that the daemon gets besides those of its account.
    private(set) var groups: [String] = []
    private var protectsHome = false
    private var hasOwnTemporary = false
    private var hidden: [String] = []
    private var shown: [String] = []

    /// The unit as the next start finds it; nil where none is installed.
    static func installed(in folders: [String] = folders) -> ServiceUnit? {
        var main: String?
        var dropIns: [String: String] = [:]
        for folder in folders {
            if let bytes = try? ReadableFile(path: "\(folder)/\(name)").bytes {
                main = String(decoding: bytes, as: UTF8.self)
            }
            for file in (try? ReadableFile.names(inDirectory: "\(folder)/\(name).d")) ?? []
            where file.hasSuffix(".conf") {
                let bytes = (try? ReadableFile(path: "\(folder)/\(name).d/\(file)").bytes) ?? []
                dropIns[file] = String(decoding: bytes, as: UTF8.self)
            }
        }
        guard let main else { return nil }
        return ServiceUnit(
            texts: [main]
                + dropIns.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value))
    }

    /// Reads the unit's text and those of its drop-ins, in their order.
    init(texts: [String]) {
        for text in texts {
            var section = ""
            let whole = text.replacing("\\\n", with: " ")
            for line in whole.split(whereSeparator: \.isNewline).map(Self.trimmed) where !line.isEmpty {
                if line.hasPrefix("#") || line.hasPrefix(";") { continue }
                if line.hasPrefix("[") {
                    section = String(line)
                } else if section == "[Service]", let sign = line.firstIndex(of: "=") {
                    take(String(Self.trimmed(line[..<sign])), String(Self.trimmed(line[line.index(after: sign)...])))
                }
            }
        }
    }

    private mutating func take(_ key: String, _ value: String) {
        let words = value.split(whereSeparator: \.isWhitespace).map(String.init)
        switch key {
        case "LoadCredential", "LoadCredentialEncrypted":
            guard !value.isEmpty else {
                for name in credentials.keys { credentials[name]?.source = nil }
                return
            }
            let (name, source) = Self.pair(value)
            credentials[name, default: Credential()].source = source ?? name
            credentials[name]?.isEncrypted = key == "LoadCredentialEncrypted"
        case "SetCredential":
            guard !value.isEmpty else {
                for name in credentials.keys { credentials[name]?.text = nil }
                return
            }
            let (name, text) = Self.pair(value)
            credentials[name, default: Credential()].text = Self.unescaped(text ?? "")
        case "ExecStart":
            guard let option = words.firstIndex(where: { $0.hasPrefix("--config") }) else { return }
            let (_, path) = Self.pair(words[option], at: "=")
            if let path = path ?? words[(option + 1)...].first { configuration = path }
        case "SupplementaryGroups": groups = value.isEmpty ? [] : groups + words
        case "ProtectHome": protectsHome = ["yes", "true", "on", "1", "tmpfs"].contains(value.lowercased())
        case "PrivateTmp": hasOwnTemporary = ["yes", "true", "on", "1"].contains(value.lowercased())
        case "InaccessiblePaths", "TemporaryFileSystem": hidden = value.isEmpty ? [] : hidden + words.map(Self.path)
        case "BindPaths", "BindReadOnlyPaths":
            // source:destination:options
            shown =
                value.isEmpty
                ? []
                : shown
                    + words.map { word in
                        let parts = word.split(separator: ":")
                        return Self.path(String(parts.count > 1 ? parts[1] : word[...]))
                    }
        default: break
        }
    }

    /// Whether two paths lead to one file, or would if it were there.
    static func isSame(_ path: String, _ other: String) -> Bool {
        path == other || DaemonAccount.resolved(path) == DaemonAccount.resolved(other)
    }

    /// Where the content of a credential comes from, the likelier first; empty for one that the unit does not name.
    func places(of name: String) -> [SecretPlace] {
        guard let credential = credentials[name] else { return placesInFolders(of: name) }
        var places: [SecretPlace] = []
        if let source = credential.source {
            let files = source.hasPrefix("/") ? [source] : Self.stores.map { "\($0)/\(source)" }
            if let file = files.first(where: { access($0, F_OK) == 0 }) {
                places.append(credential.isEncrypted || !Self.isFile(file) ? .sealed(file) : .file(file))
            } else if source.hasPrefix("/") {
                places.append(.file(source))
            }
        }
        // An empty line only stands for a file that is not there, so that systemd starts the daemon without it.
        if let text = credential.text, text != [], text != [0x0A] { places.append(.text(text)) }
        return places
    }

    /// A folder's files are credentials as well, each named with the folder's before it: `store_chat.password`.
    private func placesInFolders(of name: String) -> [SecretPlace] {
        credentials.sorted { $0.key < $1.key }.compactMap { folder, credential in
            guard let source = credential.source, source.hasPrefix("/"), name.hasPrefix(folder + "_") else {
                return nil
            }
            let file = source + "/" + name.dropFirst(folder.count + 1)
            guard access(file, F_OK) == 0 else { return nil }
            return credential.isEncrypted || !Self.isFile(file) ? .sealed(file) : .file(file)
        }
    }

    /// Credentials without which systemd does not start the daemon (status 243): their files are not there, and nothing
    /// stands in for them. What the first start makes is none.
    var missing: [(name: String, source: String)] {
        credentials.sorted { $0.key < $1.key }.compactMap { name, credential in
            guard let source = credential.source, source.hasPrefix("/"), credential.text == nil,
                !SettingsFile.keysOfFirstStart.contains(source), access(source, F_OK) != 0, errno == ENOENT
            else { return nil }
            return (name, source)
        }
    }

    /// The setting that keeps the daemon from seeing a path; nil for one that it sees.
    func hides(_ path: String) -> String? {
        func isInside(_ folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }
        guard !shown.contains(where: isInside) else { return nil }
        if protectsHome, ["/home", "/root", "/run/user"].contains(where: isInside) { return "ProtectHome=" }
        if hasOwnTemporary, ["/tmp", "/var/tmp"].contains(where: isInside) { return "PrivateTmp=" }
        return hidden.contains(where: isInside) ? "InaccessiblePaths= or TemporaryFileSystem=" : nil
    }

    // MARK: Texts

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop(while: \.isWhitespace).lastIndex { !$0.isWhitespace }
            .map { text.drop(while: \.isWhitespace)[...$0] } ?? ""
    }

    private static func pair(_ text: String, at separator: Character = ":") -> (String, String?) {
        guard let place = text.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<place]), String(text[text.index(after: place)...]))
    }

    /// Without what may stand before a path (`-`, `+`) and options after it.
    private static func path(_ word: String) -> String {
        String(word.drop { $0 == "-" || $0 == "+" }.prefix { $0 != ":" })
    }

    /// C's escapes, as far as they stand for characters that people write so.
    private static func unescaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let escaped = rest.popFirst() else {
                bytes += String(character).utf8
                continue
            }
            switch escaped {
            case "n": bytes.append(0x0A)
            case "r": bytes.append(0x0D)
            case "t": bytes.append(0x09)
            case "s": bytes.append(0x20)
            case "x":
                guard let byte = UInt8(rest.prefix(2), radix: 16) else { return bytes }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            default: bytes += String(escaped).utf8
            }
        }
        return bytes
    }
}
