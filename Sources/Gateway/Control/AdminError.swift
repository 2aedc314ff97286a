/// Why a command of `customersctl` did nothing: what is wrong, and what to do about it.
public struct AdminError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds, each with its exit status (sysexits.h where it has one).
    public enum Kind: Int32, Sendable {
        /// What was asked for does not exist, or was refused.
        case refused = 1
        /// The command line makes no sense.
        case usage = 64
        /// The daemon, Redis or the chat server cannot be reached.
        case unavailable = 69
        /// The caller may not do this.
        case noPermission = 77
        /// The configuration has errors.
        case configuration = 78
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// What is wrong; one line, or one a problem of the configuration.
    public var text: String
    /// What to do about it, or "".
    public var remedy: String

    init(_ kind: Kind, _ text: String, remedy: String = "") {
        self.kind = kind
        self.text = text
        self.remedy = remedy
    }

    /// The same as JSON with sorted keys: `error`, `remedy`, and the exit status.
    public var json: String {
        Report("", ErrorView(error: text, remedy: remedy, status: kind.rawValue)).json
    }

    private struct ErrorView: Encodable {
        var error: String
        var remedy: String
        var status: Int32
    }

    /// The text, and the remedy on a line of its own.
    public var description: String { remedy.isEmpty ? text : "\(text)\n  → \(remedy)" }
}
