internal import CCurl
internal import EventLoop

// @unchecked: so that it can be handed to the loop's own closures; it is touched on the loop's thread only.
/// A libcurl multi handle driven by an event loop: libcurl says which descriptors and which time it waits for, the loop
/// tells it when they come. Loop thread only.
final class CurlMulti: @unchecked Sendable {
    private let loop: EventLoop
    private let multi: UnsafeMutableRawPointer
    private var watches: [Int32: DescriptorWatch] = [:]
    private var timer: LoopTimer?
    /// When the pending `timer` fires, and when libcurl wants to be called: the timer may be early, then it is set
    /// again. Nearly every request moves libcurl's time back, so that hardly any request needs a timer of its own.
    private var timerDue: UInt64 = 0
    private var wanted: UInt64?
    private var isKicked = false
    private var isClosed = false
    /// Transfers added and not removed yet.
    private(set) var running = 0
    /// When a transfer was removed last: monotonic nanoseconds.
    private(set) var lastEnd: UInt64 = 0
    /// Those of its connections.
    var sockets = ConnectionSockets()
    /// Called after libcurl did something: transfers may have ended.
    var onProgress: () -> Void = {}

    private static let isLibraryReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(loop: EventLoop, configuration: HTTPClientConfiguration) throws(HTTPClientError) {
        guard Self.isLibraryReady, let multi = curl_multi_init() else {
            throw HTTPClientError(code: .overloaded, message: "libcurl: out of memory")
        }
        self.loop = loop
        self.multi = multi
        // The cache of connections counts those in use as well: a smaller one would close kept connections under load.
        set(CURLMOPT_MAXCONNECTS, max(configuration.maximumTransfers, 1))
        set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        customers_curl_multi_set_callbacks(
            multi,
            { _, descriptor, what, context, _ in
                if let context {
                    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(descriptor, for: what)
                }
                return 0
            },
            { _, milliseconds, context in
                if let context {
                    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().wait(milliseconds)
                }
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// No transfer may be left. May run on any thread: nothing is watched any more, and a timer left finds nobody.
    deinit { cleanUp() }

    /// Closes all connections.
    func close() {
        timer?.cancel()
        cleanUp()
    }

    private func cleanUp() {
        guard !isClosed else { return }
        isClosed = true
        customers_curl_multi_set_callbacks(multi, nil, nil, nil)
        watches.removeAll()
        curl_multi_cleanup(multi)
    }

    func add(_ handle: EasyHandle) -> Bool {
        guard !isClosed, curl_multi_add_handle(multi, handle.easy) == CURLM_OK else { return false }
        running += 1
        return true
    }

    /// Ends a transfer, complete or not. One that was added, once.
    func remove(_ handle: EasyHandle) {
        running -= 1
        lastEnd = loop.now
        if !isClosed { curl_multi_remove_handle(multi, handle.easy) }
    }

    /// The next transfer that has ended by itself, and how; it still has to be removed.
    func nextEnded() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        guard !isClosed else { return nil }
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, customers_curl_message_result(message))
        }
        return nil
    }

    private func set(_ option: CURLMoption, _ value: Int) {
        customers_curl_multi_set_long(multi, option, value)
    }
}

// MARK: - What libcurl waits for

extension CurlMulti {
    private func watch(_ descriptor: Int32, for what: Int32) {
        // Gone first: libevent must not see two watches of one descriptor, nor a descriptor that libcurl is about to
        // close.
        watches.removeValue(forKey: descriptor)?.cancel()
        var events: DescriptorEvents = []
        if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events.insert(.read) }
        if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events.insert(.write) }
        guard !events.isEmpty else { return }
        // Refused by the kernel: the transfer then ends at its deadline.
        watches[descriptor] = try? loop.watch(descriptor, events) { [weak self] happened in
            var mask: Int32 = 0
            if happened.contains(.read) { mask |= Int32(CURL_CSELECT_IN) }
            if happened.contains(.write) { mask |= Int32(CURL_CSELECT_OUT) }
            self?.act(descriptor, mask)
        }
    }

    private func wait(_ milliseconds: Int) {
        guard milliseconds > 0 else {
            wanted = nil
            // Not from here: libcurl must not be called back by its own callback.
            if milliseconds == 0 { kick() }
            return
        }
        let due = loop.now &+ UInt64(milliseconds) &* 1_000_000
        wanted = due
        if timer?.isPending != true || due < timerDue { setTimer(due: due) }
    }

    private func setTimer(due: UInt64) {
        timer?.cancel()
        timerDue = due
        let now = loop.now
        timer = loop.schedule(after: .nanoseconds(due > now ? due - now : 0)) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        guard let wanted else { return }
        guard wanted <= loop.now else { return setTimer(due: wanted) }
        self.wanted = nil
        act(Self.timeout, 0)
    }

    private func kick() {
        guard !isKicked else { return }
        isKicked = true
        loop.execute { [weak self] in
            guard let self else { return }
            isKicked = false
            act(Self.timeout, 0)
        }
    }

    /// `CURL_SOCKET_TIMEOUT`.
    private static let timeout: Int32 = -1

    private func act(_ descriptor: Int32, _ mask: Int32) {
        guard !isClosed else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, mask, &running)
        onProgress()
    }
}
