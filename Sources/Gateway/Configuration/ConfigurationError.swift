/// Everything that keeps a configuration from being used, in the order of files and lines.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one problem.
    public var problems: [ConfigurationProblem]

    /// Makes an error.
    public init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// Whether nothing is known to be wrong, but whoever reads the configuration may not read all of it.
    public var isForbidden: Bool { problems.allSatisfy(\.isForbidden) }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
