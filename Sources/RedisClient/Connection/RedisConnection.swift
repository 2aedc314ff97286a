internal import CHiredis
internal import EventLoop
internal import Glibc

/// One hiredis context on one loop, from connect to the end. Loop thread only.
///
/// It sends commands, hands each reply to whoever waits for it, and ends as a whole, once: on a missed deadline, a
/// broken reply, an error of the socket or ``end(_:)``. Then everybody who waits is told at once. The context is
/// freed in one place, never while hiredis runs (hazards X3–X5); when hiredis frees it by itself, its clean-up hook
/// tells us.
// @unchecked: wraps a C object that belongs to the loop's thread; all state is touched there only.
final class RedisConnection: @unchecked Sendable {
    let loop: EventLoop
    let address: RedisAddress
    let limits: RedisConfiguration
    /// Called once, outside of hiredis, when the connection has ended.
    var onEnd: ((RedisError) -> Void)?
    /// Called with the messages of a subscription, and with nil when the server has confirmed it.
    var onMessage: (([UInt8]?) -> Void)? {
        didSet { deliverEarlyMessages() }
    }
    /// Called after each turn of reading: replies, error replies among them, nanoseconds that the oldest took.
    var onReplies: ((Int, Int, UInt64) -> Void)?

    /// Nil before connect and after the end.
    var context: UnsafeMutablePointer<redisAsyncContext>?
    var readWatch: DescriptorWatch?
    var writeWatch: DescriptorWatch?
    var isFlushScheduled = false
    /// Commands at the end of the line that the kernel has not taken yet.
    private var unsent = 0
    /// Written down by callbacks that run inside of hiredis; acted upon outside.
    var failure: RedisError?
    private(set) var endReason: RedisError?

    private let guardState: UnsafeMutablePointer<customers_redis_guard>
    private(set) var pending = PendingReplies()
    private var buffer = CommandBuffer()
    private var deadlineTimer: LoopTimer?
    /// When the timer will look at the line; `max` while there is no timer.
    private var armedDeadline = UInt64.max
    /// Whether the last command was ``askHealth(deadline:)``.
    private var isHealthAsked = false
    private var replies = 0
    private var errorReplies = 0
    private var oldestSent: UInt64 = 0
    private(set) var lastHeard: UInt64
    private var lastReply: UInt64 = 0
    private var channel: [UInt8] = []
    /// Messages that came together with the confirmation, before anybody could listen.
    private var earlyMessages: [[UInt8]] = []
    private lazy var flushJob: @Sendable () -> Void = { [weak self] in self?.flush() }

    init(loop: EventLoop, address: RedisAddress, limits: RedisConfiguration) {
        self.loop = loop
        self.address = address
        self.limits = limits
        lastHeard = loop.now
        guardState = .allocate(capacity: 1)
        guardState.initialize(to: customers_redis_guard())
        guardState.pointee.max_elements = Self.maxElements
        guardState.pointee.max_bytes = Self.maxReplyBytes
        guardState.pointee.max_depth = Self.maxDepth
    }

    deinit {
        if let context { redisAsyncFree(context) }
        guardState.deallocate()
    }

    private static let maxElements = 65_536
    private static let maxReplyBytes = 8 * 1_024 * 1_024
    private static let maxDepth: Int32 = 4
    /// What may lie unread of one reply: a string of 1 MiB and some.
    private static let maxBuffered = 1_024 * 1_024 + 65_536

    /// Whether commands can be sent.
    var isOpen: Bool { context != nil && endReason == nil }

    /// Begins to connect. The first command shows whether it works.
    ///
    /// - Throws: ``RedisError/Code/unavailable`` when the address refuses at once.
    func open() throws(RedisError) {
        customers_ignore_broken_pipes()
        let made =
            switch address {
            case .unix(let path): redisAsyncConnectUnix(path)
            case .tcp(let address, let port): redisAsyncConnect(address, Int32(port))
            }
        guard let made else { throw RedisError(.unavailable, "\(address): out of memory") }
        // A failed connect leaves descriptor 0 or a closed one: look before watching it (hazard X11).
        guard made.pointee.err == 0, made.pointee.c.fd > 2 else {
            let reason = Self.reason(made)
            redisAsyncFree(made)
            throw RedisError(.unavailable, "\(address): \(reason)")
        }
        context = made
        customers_redis_guard_install(guardState, made)
        _ = fcntl(made.pointee.c.fd, F_SETFD, FD_CLOEXEC)
        if case .tcp = address { keepAlive(made.pointee.c.fd) }
        do {
            try attach(made)
        } catch {
            end(RedisError(.unavailable, "\(address): \(error)"))
            throw RedisError(.unavailable, "\(address): \(error)")
        }
    }

    /// Sends a command; the waiter gets its reply or the reason why there is none. `ticket` rises from command to
    /// command.
    func send(_ arguments: [RedisArgument], ticket: UInt64 = 0, deadline: UInt64, waiter: ReplyWaiter?) {
        guard let context, endReason == nil else {
            waiter?.resume(
                returning: .failure(endReason?.notSent ?? RedisError(.unavailable, "\(address): not connected")))
            return
        }
        var bytes = 0
        for argument in arguments { bytes &+= argument.count }
        guard pending.count < limits.maxPending, bytes <= limits.maxPendingBytes &- pending.bytes else {
            waiter?.resume(returning: .failure(Self.overloaded))
            return
        }
        let tail = context.pointee.replies.tail
        let owner = Unmanaged.passUnretained(self).toOpaque()
        let code = buffer.withArguments(arguments) { count, values, lengths in
            redisAsyncCommandArgv(
                context, { _, reply, owner in RedisConnection.of(owner)?.received(reply) }, owner, count, values,
                lengths)
        }
        // hiredis does not tell when it could not note down whose reply it will be (hazard X6): look.
        guard code == REDIS_OK, context.pointee.c.err == 0, context.pointee.replies.tail != tail else {
            let error = RedisError(.unavailable, "\(address): hiredis did not take a command")
            waiter?.resume(returning: .failure(error))
            end(error)
            return
        }
        pending.append(.init(ticket: ticket, bytes: bytes, sent: loop.now, deadline: deadline, waiter: waiter))
        unsent += 1
        if deadline < armedDeadline { armDeadline(deadline) }
    }

    /// Sends a command of the connection's own and waits for its reply.
    func command(_ arguments: [RedisArgument], deadline: UInt64) async throws(RedisError) -> RedisReply {
        let result = await withUnsafeContinuation { waiter in send(arguments, deadline: deadline, waiter: waiter) }
        return try result.get()
    }

    /// Asks a server whether it lives that nobody asks for anything. The answer takes the timer of the deadline along:
    /// a process that has nothing else to do is not woken once more for it.
    func askHealth(deadline: UInt64) {
        send(["PING"], deadline: deadline, waiter: nil)
        isHealthAsked = isOpen
    }

    /// Turns the connection into the subscription of one channel, for good. All other commands have been answered.
    func subscribe(_ channel: String) {
        guard let context, endReason == nil, pending.count == 0 else {
            return end(RedisError(.unavailable, "\(address): not ready to subscribe"))
        }
        guardState.pointee.subscriber = 1
        self.channel = Array(channel.utf8)
        let owner = Unmanaged.passUnretained(self).toOpaque()
        let code = buffer.withArguments(["SUBSCRIBE", .string(channel)]) { count, values, lengths in
            redisAsyncCommandArgv(
                context, { _, reply, owner in RedisConnection.of(owner)?.receivedMessage(reply) }, owner, count, values,
                lengths)
        }
        guard code == REDIS_OK, context.pointee.c.err == 0 else {
            return end(RedisError(.unavailable, "\(address): hiredis did not take SUBSCRIBE"))
        }
    }

    /// Stops waiting for a command; its reply will be dropped in its turn. Whether it was in line.
    func abandon(_ ticket: UInt64) -> Bool {
        guard let waiter = pending.abandon(ticket) else { return false }
        waiter.resume(returning: .failure(.cancelled))
        return true
    }

    /// Ends the connection: frees the context and tells everybody who waits. Not from inside hiredis. Twice is fine.
    func end(_ reason: RedisError) {
        guard endReason == nil else { return }
        endReason = reason
        deadlineTimer?.cancel()
        deadlineTimer = nil
        detach()
        if let context {
            self.context = nil
            redisAsyncFree(context)
        }
        for waiter in pending.removeAll() { waiter.resume(returning: .failure(reason.inFlight)) }
        let onEnd = onEnd
        self.onEnd = nil
        onMessage = nil
        onEnd?(reason)
    }

    private static let overloaded = RedisError(.overloaded, "too many commands wait for their replies")
}

// MARK: - Called around and by hiredis

extension RedisConnection {
    /// hiredis wants to write. Once connected, all commands of a turn of the loop go out together at its end.
    func wantsWrite() {
        guard let context, context.pointee.c.flags & REDIS_CONNECTED != 0 else { return watchWrites() }
        guard !isFlushScheduled, writeWatch == nil else { return }
        isFlushScheduled = true
        loop.execute(flushJob)
    }

    private func flush() {
        guard isFlushScheduled else { return }
        write()
        isFlushScheduled = false
        // What the kernel did not take goes out when it has room.
        if let written = context?.pointee.c.obuf, sdslen(written) > 0 { watchWrites() }
    }

    /// The socket takes bytes, or has failed to connect.
    func write() {
        guard let context else { return }
        withExtendedLifetime(self) {
            let before = sdslen(context.pointee.c.obuf)
            redisAsyncHandleWrite(context)
            if let left = (self.context?.pointee.c.obuf).map({ sdslen($0) }), left < before {
                // The deadline is the server's: what waits for a busy loop, or behind a long line, costs it no time.
                pending.restart(last: unsent, now: loop.now)
                if left == 0 { unsent = 0 }
            }
            settle()
        }
    }

    /// The socket has bytes, or has come to its end.
    func read() {
        guard let context else { return }
        withExtendedLifetime(self) {
            lastHeard = loop.now
            redisAsyncHandleRead(context)
            if let reader = self.context?.pointee.c.reader,
                Int(reader.pointee.len) &- Int(reader.pointee.pos) > Self.maxBuffered
            {
                failure = failure ?? RedisError(.protocolViolation, "\(address): a reply that is too large")
            }
            if replies > 0 {
                onReplies?(replies, errorReplies, lastHeard &- min(lastHeard, oldestSent))
                replies = 0
                errorReplies = 0
                if isHealthAsked { healthAnswered() }
            }
            settle()
        }
    }

    /// Acts on what callbacks wrote down, now that hiredis has returned.
    private func settle() {
        if let failure {
            end(failure)
        } else if context == nil, endReason == nil {
            end(RedisError(.unavailable, "\(address): connection lost"))
        }
    }

    /// hiredis is freeing the context because the connection has failed.
    func contextIsGoing() {
        guard let context else { return }
        let reason = Self.reason(context)
        self.context = nil
        detach()
        if let refusal = guardState.pointee.refusal {
            failure = RedisError(.protocolViolation, "\(address): \(String(cString: refusal))")
        } else if context.pointee.c.err == REDIS_ERR_PROTOCOL {
            failure = RedisError(.protocolViolation, "\(address): \(reason)")
        } else if failure == nil {
            failure = RedisError(.unavailable, "\(address): \(reason)")
        }
    }

    /// hiredis's callback: the reply for the first in line; nil while the context is being freed.
    func received(_ reply: UnsafeMutableRawPointer?) {
        guard let reply, endReason == nil, let entry = pending.removeFirst() else { return }
        if replies == 0 { oldestSent = entry.sent }
        replies += 1
        lastReply = lastHeard
        let value = RedisReply(reply.assumingMemoryBound(to: redisReply.self).pointee)
        guard case .error(let error) = value else {
            entry.waiter?.resume(returning: .success(value))
            return
        }
        errorReplies += 1
        let failure = RedisError(error)
        entry.waiter?.resume(returning: .failure(failure))
        if error.prefix.endsConnection { self.failure = failure }
    }

    /// hiredis's callback: a confirmation or a message of the subscription; nil while the context is being freed.
    func receivedMessage(_ reply: UnsafeMutableRawPointer?) {
        guard let reply, endReason == nil else { return }
        // The guard has seen to the shape: "subscribe" or "message", channel, count or payload.
        let value = RedisReply(reply.assumingMemoryBound(to: redisReply.self).pointee)
        // hiredis calls the callback of the message before when it does not know a channel.
        guard case .array(let parts) = value, parts.count == 3, parts[1] == .string(channel) else { return }
        let isMessage = parts[0] == .string(Array("message".utf8))
        if isMessage, onMessage == nil {
            earlyMessages.append(parts[2].bytes ?? [])
        } else {
            onMessage?(isMessage ? parts[2].bytes ?? [] : nil)
        }
    }

    private func deliverEarlyMessages() {
        guard let onMessage else { return }
        let messages = earlyMessages
        earlyMessages = []
        for message in messages { onMessage(message) }
    }

    /// One timer for the whole line. Deadlines rise along it, so only the first matters; the timer is not touched by
    /// each command but looks again when it fires. (Those of the handshake are longer: the first command after it
    /// moves the timer.)
    private func armDeadline(_ deadline: UInt64) {
        deadlineTimer?.cancel()
        armedDeadline = deadline
        let delay = Duration.nanoseconds(Int64(clamping: deadline &- min(deadline, loop.now)))
        deadlineTimer = loop.schedule(after: delay) { [weak self] in
            guard let self else { return }
            deadlineTimer = nil
            armedDeadline = .max
            guard let first = pending.first else { return }
            guard first.deadline <= loop.now else { return armDeadline(first.deadline) }
            guard isLate(), let first = pending.first else { return }
            end(RedisError(.timedOut, noReply(after: loop.now &- first.sent)))
        }
    }

    private func healthAnswered() {
        isHealthAsked = false
        guard pending.count == 0 else { return }
        deadlineTimer?.cancel()
        deadlineTimer = nil
        armedDeadline = .max
    }

    /// Whether the server keeps the first in line waiting for too long. What it has said while the loop was busy
    /// counts: it is read first. A server that answers a long line one by one gets up to four times as long. Commands
    /// that came with less time than a command has (they are sent a second time, or had to wait for the connection)
    /// fail by themselves: the server is not late yet, and the others may still have their replies.
    private func isLate() -> Bool {
        while let first = pending.first {
            guard first.deadline <= loop.now else { return wait(until: first.deadline) }
            let count = pending.count
            if unsent > 0 { write() }
            read()
            guard isOpen else { return false }
            guard pending.count == count, pending.first?.deadline == first.deadline else { continue }
            let patience = limits.commandDeadline.nanoseconds
            let last = min(max(lastReply, first.sent) &+ patience, first.sent &+ 4 &* patience)
            guard last > loop.now else { return true }
            let next = pending.giveUp(at: loop.now, within: patience) { waited in
                RedisError(.timedOut, noReply(after: waited), mayHaveRun: true)
            }
            return wait(until: min(last, next ?? last))
        }
        return false
    }

    private func noReply(after nanoseconds: UInt64) -> String {
        "\(address): no reply within \(nanoseconds / 1_000_000) ms"
    }

    private func wait(until deadline: UInt64) -> Bool {
        if deadline < armedDeadline { armDeadline(deadline) }
        return false
    }

    /// What went wrong with a context, in the system's or the server's words.
    private static func reason(_ context: UnsafeMutablePointer<redisAsyncContext>) -> String {
        let text = withUnsafeBytes(of: &context.pointee.c.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return text.isEmpty ? "connection failed" : RedisServerError(message: text).message
    }
}
