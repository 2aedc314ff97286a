/// Something wrong or unwise in a configuration file: `customersd.yaml:12: tokens.lifetime: expected …, got "abc"`.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file's path, as it was asked for.
    public var file: String
    /// The line from 1; nil when it concerns the file as a whole.
    public var line: Int?
    /// The setting, such as `departments[0].agents[1].username`; "" when it concerns the file as a whole.
    public var key: String
    /// What is wrong and what is allowed. Never quotes a secret.
    public var text: String
    /// Whether it is only that whoever reads the configuration may not.
    public var isForbidden = false

    /// Makes a problem.
    public init(file: String, line: Int? = nil, key: String = "", text: String) {
        self.file = file
        self.line = line
        self.key = key
        self.text = text
    }

    /// One line without its end.
    public var description: String {
        var place = file
        if let line { place += ":\(line)" }
        if !key.isEmpty { place += ": \(key)" }
        return place + ": " + text
    }
}
