internal import EventLoop

extension RedisClient {
    /// Sends a message to all subscribers of a channel and returns how many there were on that server.
    @discardableResult
    public nonisolated(nonsending) func publish(_ message: [UInt8], to channel: String) async throws(RedisError)
        -> Int64
    {
        try await send(["PUBLISH", .string(channel), .bytes(message)]).expectInteger()
    }

    /// Listens to one channel, on a connection of its own, until the subscription is cancelled, released or the
    /// client is stopped. From any thread.
    public func subscribe(channel: String) -> RedisSubscription {
        let subscription = RedisSubscription(
            channel: channel, loop: loop, configuration: configuration, topology: topology, log: log)
        loop.execute { [self] in
            subscriptions.add(subscription)
            subscription.start()
        }
        return subscription
    }
}
