internal import CCurl
public import EventLoop

// @unchecked: all state is touched on the loop's thread only; `send` hands its transfer over to it.
/// An HTTP client for one event loop, on libcurl's multi interface (DESIGN.md section 4).
///
/// Connections are kept and used again, HTTP/2 is spoken when a TLS server offers it, certificates are always checked.
/// Redirects are not followed; proxies, cookies and the environment are ignored; only `http` and `https` are spoken.
public final class HTTPClient: @unchecked Sendable {
    /// The loop whose thread does all the work.
    public let loop: EventLoop

    /// The loop as a task's executor preference, for work that belongs to no caller's task.
    public var executor: any TaskExecutor { loop }

    private let configuration: HTTPClientConfiguration
    private let budget: ReplyBudget
    /// Filled from the front, so that the first ones keep their connections busy.
    private var shards: [CurlMulti] = []
    private var active: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
    private var waiting = HTTPTransferQueue()
    private var waitingTimer: LoopTimer?
    private var connecting = 0
    private var idleHandles: [EasyHandle] = []
    private var idleTimer: LoopTimer?
    private var isClosed = false

    /// Handles kept for later.
    private static let idleHandleLimit = 1_024
    /// Transfers of one multi handle at most: libcurl looks for a connection to use by walking along all that there
    /// are, which with thousands of them at work takes longer than the rest of a request.
    private static let shardWidth = 128
    /// After so long without a request a shard's connections are closed: libcurl notices only with the next request
    /// that a server has closed one, and until then each holds a descriptor.
    private static let idleLimit = Duration.seconds(60)

    /// Makes a client that has no connection yet.
    ///
    /// - Parameters:
    ///   - loop: where it works; ``send(_:)`` may be called from anywhere, and does without a change of thread there.
    ///   - configuration: its limits and deadlines.
    public init(loop: EventLoop, configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.loop = loop
        self.configuration = configuration
        budget = ReplyBudget(limit: configuration.longReplies)
    }

    /// Sends a request and waits for the whole reply, whatever its status.
    ///
    /// Cancelling the task ends the transfer at once and throws `cancelled`.
    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientReply {
        let allowed = UInt64((request.deadline ?? configuration.deadline).wholeMilliseconds) &* 1_000_000
        let transfer = HTTPTransfer(
            request: request, deadline: loop.now &+ allowed, replyLimit: request.replyLimit ?? configuration.replyLimit,
            budget: budget)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.waiter = continuation
                if loop.inLoop { begin(transfer) } else { loop.execute { self.begin(transfer) } }
            }
        } onCancel: {
            loop.execute { self.cancel(transfer) }
        }
        return try result.get()
    }

    /// Ends all transfers as cancelled and closes all connections; later requests fail. Loop thread only.
    public func close() {
        loop.checkIsolated()
        isClosed = true
        waitingTimer?.cancel()
        idleTimer?.cancel()
        let closed = HTTPClientError(code: .cancelled, message: "the client is closed")
        while let transfer = waiting.popFirst() { end(transfer, .failure(closed)) }
        for transfer in active.values { cancel(transfer) }
        idleHandles.removeAll()
        for shard in shards { shard.close() }
        shards = []
    }

    /// Requests that have no reply yet. Loop thread only.
    public var transfersInFlight: Int {
        loop.checkIsolated()
        return active.count + waiting.count
    }
}

// MARK: - A transfer's life

extension HTTPClient {
    private func begin(_ transfer: HTTPTransfer) {
        guard !transfer.isCancelled, !isClosed else {
            return end(transfer, .failure(HTTPClientError(code: .cancelled, message: "cancelled before it was sent")))
        }
        guard active.count + waiting.count < configuration.maximumTransfers else {
            return end(transfer, .failure(HTTPClientError(code: .overloaded, message: "too many requests in flight")))
        }
        transfer.phase = .waiting
        waiting.append(transfer)
        startWaiting()
    }

    /// Starts what may start, and ends what has waited too long for it.
    private func startWaiting() {
        while connecting < max(configuration.maximumConnecting, 1), active.count < max(configuration.maximumActive, 1),
            let transfer = waiting.popFirst()
        {
            start(transfer)
        }
        guard let first = waiting.first else { return }
        guard waitingTimer?.isPending != true else { return }
        let now = loop.now
        let left = first.deadline > now ? first.deadline - now : 0
        waitingTimer = loop.schedule(after: .nanoseconds(left)) { [weak self] in self?.endOverdue() }
    }

    private func endOverdue() {
        let now = loop.now
        while let first = waiting.first, first.deadline <= now, let transfer = waiting.popFirst() {
            end(transfer, .failure(HTTPClientError(code: .timedOut, message: "no turn before the deadline")))
        }
        startWaiting()
    }

    private func start(_ transfer: HTTPTransfer) {
        do throws(HTTPClientError) {
            guard transfer.deadline > loop.now else {
                throw HTTPClientError(code: .timedOut, message: "no turn before the deadline")
            }
            let shard = try freeShard()
            guard let handle = idleHandles.popLast() ?? EasyHandle() else {
                throw HTTPClientError(code: .overloaded, message: "libcurl: out of memory")
            }
            transfer.handle = handle
            try transfer.prepare(handle, configuration: configuration, now: loop.now)
            transfer.onStart = { [unowned self, unowned transfer] in
                transfer.phase = .started
                connecting -= 1
            }
            guard shard.add(handle) else { throw HTTPClientError(code: .overloaded, message: "libcurl refused it") }
            transfer.shard = shard
            transfer.phase = .connecting
            connecting += 1
            active[handle.easy] = transfer
        } catch {
            end(transfer, .failure(error))
        }
    }

    private func freeShard() throws(HTTPClientError) -> CurlMulti {
        if let free = shards.first(where: { $0.running < Self.shardWidth }) { return free }
        let made = try CurlMulti(loop: loop, configuration: configuration)
        made.onProgress = { [weak self, unowned made] in self?.collectEnded(made) }
        shards.append(made)
        return made
    }

    private func collectEnded(_ shard: CurlMulti) {
        while let (easy, code) = shard.nextEnded() {
            guard let transfer = active[easy], let handle = transfer.handle else { continue }
            if code == CURLE_OK {
                end(transfer, .success(transfer.reply(status: handle.status)))
            } else if transfer.takeRestart() {
                restart(transfer, handle, shard)
            } else {
                let message = handle.message(for: code)
                end(transfer, .failure(transfer.error(code, message: message, now: loop.now)))
            }
        }
        startWaiting()
    }

    /// Libcurl has dropped the kept connection; the request goes out on a new one.
    private func restart(_ transfer: HTTPTransfer, _ handle: EasyHandle, _ shard: CurlMulti) {
        shard.remove(handle)
        transfer.prepareNewConnection(handle, configuration: configuration, now: loop.now)
        guard !shard.add(handle) else { return }
        transfer.shard = nil
        end(transfer, .failure(HTTPClientError(code: .overloaded, message: "libcurl refused it")))
    }

    private func cancel(_ transfer: HTTPTransfer) {
        transfer.isCancelled = true
        let reached = transfer.wasStarted
        switch transfer.phase {
        case .new, .ended: return
        case .waiting: waiting.remove(transfer)
        case .connecting, .started: break
        }
        end(
            transfer,
            .failure(HTTPClientError(code: .cancelled, message: "cancelled", mayHaveReachedServer: reached)))
        startWaiting()
    }

    /// The one place where a transfer ends: its handle goes back, its sender goes on.
    private func end(_ transfer: HTTPTransfer, _ result: Result<HTTPClientReply, HTTPClientError>) {
        if transfer.phase == .connecting { connecting -= 1 }
        transfer.phase = .ended
        transfer.onStart = {}
        if let handle = transfer.handle {
            transfer.handle = nil
            active[handle.easy] = nil
            if let shard = transfer.shard {
                transfer.shard = nil
                shard.remove(handle)
                if shard.running == 0, !isClosed, idleTimer?.isPending != true { watchIdleness(after: Self.idleLimit) }
            }
            handle.reset()
            transfer.releaseFields()
            if idleHandles.count < Self.idleHandleLimit, !isClosed { idleHandles.append(handle) }
        }
        let waiter = transfer.waiter
        transfer.waiter = nil
        waiter?.resume(returning: result)
    }

    private func watchIdleness(after delay: Duration) {
        idleTimer = loop.schedule(after: delay) { [weak self] in self?.closeIdleConnections() }
    }

    private func closeIdleConnections() {
        let now = loop.now
        let limit = UInt64(Self.idleLimit.wholeMilliseconds) &* 1_000_000
        shards.removeAll { $0.running == 0 && now &- $0.lastEnd >= limit }
        if active.isEmpty, waiting.isEmpty, shards.isEmpty { idleHandles.removeAll() }
        guard let oldest = shards.lazy.filter({ $0.running == 0 }).map(\.lastEnd).min() else { return }
        watchIdleness(after: .nanoseconds(limit &- (now &- oldest)))
    }
}
