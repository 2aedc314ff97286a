public import FastCGIProtocol

/// The limits and deadlines of a ``FastCGIServer``.
public struct FastCGIConfiguration: Sendable {
    /// What a request may look like. `gate.bodyLength` is the limit behind 413.
    public var gate: GateLimits
    /// From a request's first byte to its last.
    public var requestDeadline: Duration
    /// For the peer to take an answer, from its first byte to its last.
    public var answerDeadline: Duration
    /// How long a kept connection may lie idle. Longer than the web server's own time-out (nginx: `keepalive_timeout`
    /// 60 s), so that it is the web server who closes: the other way round costs it a POST now and then.
    public var idleTimeout: Duration
    /// For a refused peer to take its answer after we stopped listening to it. Nobody waits for it, and a web server on
    /// a busy machine may take this long to finish sending: closed earlier, it reports 502 instead of our answer.
    public var linger: Duration
    /// Open connections of all loops together.
    public var maxConnections: Int
    /// Requests in flight on one loop; above it the answer is 503.
    public var maxInFlight: Int
    /// Who may connect.
    public var peers: PeerPolicy
    /// How long accepting rests when the process is out of descriptors or memory.
    public var acceptPause: Duration
    /// How long kept connections must have been quiet before a drain closes them.
    public var drainQuiet: Duration

    /// Makes a configuration; the defaults are those of DESIGN.md section 4.
    public init(
        gate: GateLimits = GateLimits(), requestDeadline: Duration = .seconds(5),
        answerDeadline: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(75), linger: Duration = .seconds(1), maxConnections: Int = 65_536,
        maxInFlight: Int = 16_384, peers: PeerPolicy = PeerPolicy(), acceptPause: Duration = .milliseconds(50),
        drainQuiet: Duration = .milliseconds(250)
    ) {
        self.gate = gate
        self.requestDeadline = requestDeadline
        self.answerDeadline = answerDeadline
        self.idleTimeout = idleTimeout
        self.linger = linger
        self.maxConnections = maxConnections
        self.maxInFlight = maxInFlight
        self.peers = peers
        self.acceptPause = acceptPause
        self.drainQuiet = drainQuiet
    }
}
