internal import CHiredis
internal import EventLoop
internal import Glibc

/// hiredis's event hooks on our loop: reading is watched all the time, writing only while the kernel has no room.
extension RedisConnection {
    func attach(_ context: UnsafeMutablePointer<redisAsyncContext>) throws(EventLoopError) {
        // Before all others: every request waits for this one, and its deadlines run.
        readWatch = try loop.watch(context.pointee.c.fd, .read, isUrgent: true) { [weak self] _ in self?.read() }
        context.pointee.ev.data = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.ev.addWrite = { owner in RedisConnection.of(owner)?.wantsWrite() }
        context.pointee.ev.delWrite = { owner in RedisConnection.of(owner)?.writeWatch = nil }
        context.pointee.ev.cleanup = { owner in RedisConnection.of(owner)?.contextIsGoing() }
    }

    func detach() {
        readWatch?.cancel()
        readWatch = nil
        writeWatch?.cancel()
        writeWatch = nil
        isFlushScheduled = false
    }

    func watchWrites() {
        guard writeWatch == nil, let context else { return }
        do {
            writeWatch = try loop.watch(context.pointee.c.fd, .write) { [weak self] _ in self?.write() }
        } catch {
            // Called inside of hiredis as well: the deadline of what cannot be written ends the connection.
            failure = RedisError(.unavailable, "\(address): \(error)")
        }
    }

    /// Lets the kernel find out within about 30 s that a silent peer is gone.
    func keepAlive(_ descriptor: Int32) {
        for (level, name, value): (Int32, Int32, Int32) in [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ] {
            var value = value
            _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    static func of(_ owner: UnsafeMutableRawPointer?) -> RedisConnection? {
        owner.map { Unmanaged<RedisConnection>.fromOpaque($0).takeUnretainedValue() }
    }
}
