internal import EventLoop

/// A server that is asked about the others: a Sentinel, or a cluster's node that we have no connection to. It is
/// connected to by the first question, and again when the connection was lost. Loop thread only.
// @unchecked: all state is touched on the loop's thread only.
final class RedisInformant: @unchecked Sendable {
    let host: RedisHost
    private let loop: EventLoop
    private let names: HostAddresses
    private let configuration: RedisConfiguration
    private let credential: RedisCredential?
    private var connection: RedisConnection?
    private var opening: Task<Result<RedisConnection, RedisError>, Never>?
    private var isStopped = false

    init(
        loop: EventLoop, host: RedisHost, configuration: RedisConfiguration, credential: RedisCredential?,
        names: HostAddresses
    ) {
        self.loop = loop
        self.host = host
        self.configuration = configuration
        self.credential = credential
        self.names = names
    }

    /// Asks some questions in a row and returns the replies. Nothing is retried.
    ///
    /// - Throws: what went wrong; the connection is ended then, unless it is an error reply.
    func ask(_ questions: [[RedisArgument]], within patience: Duration) async throws(RedisError) -> [RedisReply] {
        let deadline = loop.now &+ patience.nanoseconds
        let connection = try await open(until: deadline)
        var replies: [RedisReply] = []
        for question in questions { replies.append(try await connection.command(question, deadline: deadline)) }
        return replies
    }

    /// Ends the connection.
    func hangUp() {
        connection?.end(RedisError(.unavailable, "\(host): nothing more to ask"))
        connection = nil
    }

    /// Ends the connection; from now on every question fails.
    func stop() {
        isStopped = true
        hangUp()
    }

    private func open(until deadline: UInt64) async throws(RedisError) -> RedisConnection {
        if let connection, connection.isOpen, opening == nil { return connection }
        let task = opening ?? Task(executorPreference: loop) { await self.connect(until: deadline) }
        opening = task
        return try await task.value.get()
    }

    private func connect(until deadline: UInt64) async -> Result<RedisConnection, RedisError> {
        defer { opening = nil }
        var failure = RedisError(.unavailable, "no address for \(host)")
        do throws(RedisError) {
            for address in try await names.addresses(of: host) {
                guard !isStopped else { return .failure(RedisError(.unavailable, "the client was stopped")) }
                let fresh = RedisConnection(loop: loop, address: address, limits: configuration)
                connection = fresh
                do throws(RedisError) {
                    try fresh.open()
                    if let credential { _ = try await fresh.command(credential.command, deadline: deadline) }
                    // Only a reply shows that it is connected (hazard X12).
                    _ = try await fresh.command(["PING"], deadline: deadline)
                    return .success(fresh)
                } catch {
                    fresh.end(error)
                    failure = error
                }
            }
        } catch {
            failure = error
        }
        return .failure(failure)
    }
}
