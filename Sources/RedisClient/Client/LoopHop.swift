internal import EventLoop

/// Brings callers from elsewhere onto the loop, with their cancellation.
actor LoopHop {
    private let loop: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    func send(
        _ arguments: [RedisArgument], to destination: RedisDestination, over client: RedisClient
    ) async -> Result<RedisReply, RedisError> {
        await client.sendOnLoop(arguments, to: destination, isolation: self)
    }

    func masters(of client: RedisClient) async -> Result<[RedisNode], RedisError> {
        await client.masters(isolation: self)
    }

    func run<Value: Sendable>(_ body: @Sendable () -> Value) -> Value { body() }
}
