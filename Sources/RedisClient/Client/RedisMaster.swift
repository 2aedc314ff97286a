internal import EventLoop

/// One of the servers that commands are sent to: the only one, or a master of a cluster. For administration that goes
/// from server to server (`SCAN`, `DBSIZE`, `FLUSHDB`, `INFO`). From any thread.
public struct RedisMaster: Sendable {
    /// Its address, for people.
    public let name: String
    let client: RedisClient
    let node: RedisNode

    /// Sends a command to this server, whatever its keys.
    ///
    /// - Throws: as ``RedisClient/send(_:)``. A key that this server does not serve is refused with `MOVED`.
    public nonisolated(nonsending) func send(_ arguments: [RedisArgument]) async throws(RedisError) -> RedisReply {
        try await client.send(arguments, to: .node(node))
    }
}

extension RedisClient {
    /// Calls `body` with one master after the other; with a single server, once. A master that is replaced meanwhile
    /// fails; slots that move meanwhile may be met twice or not at all.
    ///
    /// - Throws: what `body` throws, and ``RedisError/Code/unavailable`` when nobody says who the masters are.
    public nonisolated(nonsending) func forEachMaster(
        _ body: nonisolated(nonsending) (RedisMaster) async throws -> Void
    ) async throws {
        let nodes: Result<[RedisNode], RedisError> =
            loop.inLoop ? await masters(isolation: #isolation) : await hop.masters(of: self)
        for node in try nodes.get() { try await body(RedisMaster(name: node.name, client: self, node: node)) }
    }
}
