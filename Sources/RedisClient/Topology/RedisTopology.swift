internal import EventLoop

/// Knows which server a connection is to lead to: always the same one, the master that Sentinel names, or any node of
/// a cluster. On the loop.
protocol RedisTopology: Sendable {
    /// The addresses to try, best first, asked before each attempt to connect.
    ///
    /// - Throws: ``RedisError/Code/unavailable`` when nobody knows one within the connect deadline.
    func candidates() async throws(RedisError) -> [RedisAddress]

    /// Whether a server must say of itself that it is a master (`ROLE`) before it is used.
    var wantsMaster: Bool { get }
    /// The longest pause between two attempts: short where asking again soon finds a new master.
    var longestPause: Duration { get }

    /// Hears how an attempt to connect went.
    func tried(_ address: RedisAddress, failed: Bool)

    /// How often ``objection(to:)`` is asked while a connection is up; nil for never.
    var checkInterval: Duration? { get }
    /// Why a connection to this address must not be used any longer; nil when it may.
    func objection(to address: RedisAddress) async -> RedisError?

    /// Ends what it keeps open, for good.
    func stop()
}

extension RedisTopology {
    var wantsMaster: Bool { false }
    var longestPause: Duration { .seconds(3_600) }
    func tried(_ address: RedisAddress, failed: Bool) {}
    var checkInterval: Duration? { nil }
    func objection(to address: RedisAddress) async -> RedisError? { nil }
    func stop() {}
}
