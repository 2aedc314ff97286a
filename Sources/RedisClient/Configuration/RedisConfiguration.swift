/// How to reach a Redis server and how patient to be (DESIGN.md section 4).
public struct RedisConfiguration: Sendable, Equatable {
    /// Where Redis is to be found.
    public var endpoint: RedisEndpoint
    /// The database that every connection selects.
    public var database: Int
    /// Sent as `AUTH` before anything else; nil for a server without passwords.
    public var credential: RedisCredential?
    /// Time for one command, from ``RedisClient/send(_:)`` to its reply.
    public var commandDeadline: Duration = .milliseconds(250)
    /// Time for one attempt to connect: name look-up, and again connect, AUTH, SELECT and PING for each address.
    public var connectDeadline: Duration = .milliseconds(500)
    /// Commands that may wait for their replies at a time; more are refused at once. A burst of thousands of requests
    /// that the chat server answers together must pass: 1,024 of DESIGN.md section 4 turned a third of 1,000 away.
    public var maxPending = 16_384
    /// Bytes of arguments of the commands that wait for their replies.
    public var maxPendingBytes = 8 * 1_024 * 1_024
    /// Pause after the first failed attempt to connect; it doubles with each further one.
    public var backoffFloor: Duration = .milliseconds(20)
    /// The longest pause between two attempts.
    public var backoffCeiling: Duration = .seconds(1)
    /// A connection on which nothing came for so long is asked with a PING whether it still lives; over a Unix socket
    /// after sixteen times as long.
    public var healthInterval: Duration = .seconds(2)
    /// How often the Sentinels are asked whether our master still is the one, while the connection works.
    public var sentinelInterval: Duration = .seconds(1)
    /// Time for a Sentinel's or a node's answer to where the masters are.
    public var askDeadline: Duration = .milliseconds(250)

    /// Settings with the defaults above.
    public init(endpoint: RedisEndpoint, database: Int = 0, credential: RedisCredential? = nil) {
        self.endpoint = endpoint
        self.database = database
        self.credential = credential
    }

    /// Settings for an address with the defaults above; `credential` is for the servers, not for Sentinels.
    public init(url: RedisURL, credential: RedisCredential? = nil) {
        self.init(endpoint: url.endpoint, database: url.database, credential: credential)
    }

    /// Settings for an address as text; an empty password means that the server wants none.
    ///
    /// - Throws: ``RedisError/Code/invalidURL``, also for a user name without password.
    public init(url: String, username: String = "", password: String = "") throws(RedisError) {
        let url = try RedisURL(url)
        guard username.isEmpty || !password.isEmpty else {
            throw RedisError(.invalidURL, "a user name (\"\(username)\") needs a password; set password_file")
        }
        self.init(
            url: url,
            credential: password.isEmpty ? nil : RedisCredential(username: username, password: password))
    }
}

extension Duration {
    /// Whole nanoseconds, at least 0; what does not fit is capped.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : product &+ UInt64(attoseconds) / 1_000_000_000
    }
}
