/// Where log lines go.
public protocol LogOutput: Sendable {
    /// Takes one whole line with its line end. Called from any thread; must not block for long and must not log.
    func write(_ line: [UInt8])
}
