/// One file that is being read: where it is, and what was found wrong in it so far.
final class SettingsFile {
    /// As it was asked for; starts each problem.
    let path: String
    /// Where secrets are looked for besides this file's folder.
    let credentials: Credentials
    /// Whether the keys that the first start makes may be missing: before it, everything else can be checked.
    let precedesFirstStart: Bool
    private var foundErrors: [ConfigurationProblem] = []
    private var foundWarnings: [ConfigurationProblem] = []

    init(path: String, credentials: Credentials, precedesFirstStart: Bool = false) {
        self.path = path
        self.precedesFirstStart = precedesFirstStart
        self.credentials = credentials
    }

    /// In the order of lines.
    var errors: [ConfigurationProblem] { Self.ordered(foundErrors) }
    var warnings: [ConfigurationProblem] { Self.ordered(foundWarnings) }

    func error(line: Int? = nil, key: String = "", _ text: String, isForbidden: Bool = false) {
        var problem = ConfigurationProblem(file: path, line: line, key: key, text: text)
        problem.isForbidden = isForbidden
        foundErrors.append(problem)
    }

    func warn(line: Int? = nil, key: String = "", _ text: String) {
        foundWarnings.append(ConfigurationProblem(file: path, line: line, key: key, text: text))
    }

    /// A path relative to this file's directory.
    func resolve(_ other: String) -> String {
        if other.hasPrefix("/") { return other }
        guard let slash = path.lastIndex(of: "/") else { return other }
        return path[...slash] + other
    }

    /// What customersd-keys.service makes.
    static let keysOfFirstStart: Set = ["/etc/customersd/token.key", "/etc/customersd/seal.key"]

    /// Where a secret may be, the likelier first: a relative path means a systemd credential, else a file beside this
    /// one.
    func candidates(forSecret other: String) -> [SecretPlace] {
        let beside = SecretPlace.file(resolve(other))
        guard !other.hasPrefix("/") else { return [beside] }
        let (before, after) = credentials.places(of: other)
        return before + [beside] + after
    }

    private static func ordered(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        problems.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }
}
