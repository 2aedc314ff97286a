/// Why a command has no reply, or no useful one.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// There is no connection, or it was lost before the reply came.
        case unavailable
        /// No reply within the command's deadline. The connection is dropped.
        case timedOut
        /// Too many commands are waiting for replies already; this one was not sent.
        case overloaded
        /// The server answered with an error; ``RedisError/server`` has its text.
        case server(RedisErrorPrefix)
        /// The server sent what is no reply, or a reply of another type than the command has.
        case protocolViolation
        /// The task was cancelled before the reply came.
        case cancelled
        /// The command is none that may be sent this way: it changes what the connection is for.
        case commandNotAllowed
        /// The address is none, or of a kind that is not supported.
        case invalidURL
    }

    /// What kind of failure it is.
    public let code: Code
    /// One sentence for a log line. Never holds arguments or passwords.
    public let message: String
    /// The server's own error reply, when there was one.
    public let server: RedisServerError?
    /// Whether the command may have been carried out all the same: it was sent, and its fate is unknown.
    public let mayHaveRun: Bool

    init(_ code: Code, _ message: String, server: RedisServerError? = nil, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.server = server
        self.mayHaveRun = mayHaveRun
    }

    init(_ server: RedisServerError) {
        self.init(.server(server.prefix), server.message, server: server)
    }

    static let cancelled = RedisError(.cancelled, "the task was cancelled", mayHaveRun: true)

    /// The same failure as a command sees it that was on its way.
    var inFlight: RedisError { RedisError(code, message, server: server, mayHaveRun: true) }

    /// The same failure as a command sees it that was not sent.
    var notSent: RedisError { RedisError(.unavailable, message, server: server) }

    /// The kind and the sentence.
    public var description: String {
        switch code {
        case .unavailable: "Redis unavailable: \(message)"
        case .timedOut: "Redis timed out: \(message)"
        case .overloaded: "Redis overloaded: \(message)"
        case .server: "Redis refused: \(message)"
        case .protocolViolation: "Redis broke its protocol: \(message)"
        case .cancelled: "Redis command cancelled: \(message)"
        case .commandNotAllowed: "Redis command not allowed: \(message)"
        case .invalidURL: "Redis address: \(message)"
        }
    }
}
