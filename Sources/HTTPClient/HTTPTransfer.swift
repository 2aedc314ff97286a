internal import CCurl

// @unchecked: made by the sender's task, handed over to the loop, and touched by nobody else from then on.
/// One request on its way through libcurl.
final class HTTPTransfer: @unchecked Sendable {
    enum Phase { case new, waiting, connecting, started, ended }

    /// Whether it has to start again on a new connection, because of what was waiting on a kept one.
    private enum Restart { case none, due, taken }

    let request: HTTPClientRequest
    /// Monotonic nanoseconds.
    let deadline: UInt64
    let replyLimit: Int
    var phase = Phase.new
    var isCancelled = false
    var handle: EasyHandle?
    /// Where the handle is at work.
    var shard: CurlMulti?
    /// Called when the request goes out for the first time.
    var onStart: () -> Void = {}
    var waiter: CheckedContinuation<Result<HTTPClientReply, HTTPClientError>, Never>?

    private var fields: UnsafeMutablePointer<curl_slist>?
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private var timesStarted = 0
    /// The sockets that libcurl has opened for it and not used yet.
    private var opened: [Int32] = []
    /// Its connection, when it is the first on it and has no reply yet.
    private var newConnection: ConnectionEnds?
    private var restart = Restart.none
    private var isTooLarge = false
    private let budget: ReplyBudget
    /// Bytes taken from the budget; given back with the transfer.
    private var budgeted = 0
    private var isOverBudget = false

    /// Status line and fields of a reply, at most.
    private static let headLimit = 65_536

    init(request: HTTPClientRequest, deadline: UInt64, replyLimit: Int, budget: ReplyBudget) {
        self.request = request
        self.budget = budget
        self.deadline = deadline
        self.replyLimit = max(replyLimit, 0)
    }

    deinit {
        releaseFields()
        budget.giveBack(budgeted)
    }

    /// Whether the request went out on some connection, at least in part.
    var wasStarted: Bool { timesStarted > 0 }

    func reply(status: Int) -> HTTPClientReply {
        HTTPClientReply(status: status, body: body, head: head)
    }

    /// What a failure of libcurl's means to the caller.
    func error(_ code: CURLcode, message: String, now: UInt64) -> HTTPClientError {
        if isTooLarge {
            return HTTPClientError(
                code: .tooLarge, message: "reply longer than \(replyLimit) bytes", mayHaveReachedServer: true)
        }
        if isOverBudget {
            return HTTPClientError(
                code: .overloaded, message: "too many long replies at once", mayHaveReachedServer: true)
        }
        return HTTPClientError(
            code: .init(code, wasStarted: wasStarted, isOverdue: now >= deadline), message: message,
            underlying: Int32(bitPattern: code.rawValue), mayHaveReachedServer: wasStarted)
    }

    /// Appends a field; libcurl's list keeps a copy.
    func append(field: String) -> Bool {
        guard let longer = curl_slist_append(fields, field) else { return false }
        fields = longer
        return true
    }

    /// Hands fields and callbacks to the handle. They refer to this transfer, which must outlive its time in the multi
    /// handle.
    func attach(to handle: EasyHandle) {
        let easy = handle.easy
        let context = Unmanaged.passUnretained(self).toOpaque()
        customers_curl_set_headers(easy, fields)
        customers_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        customers_curl_set_write_callback(easy) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().take(
                body: bytes, count: size &* count)
        }
        customers_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        customers_curl_set_header_callback(easy) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().take(
                head: bytes, count: size &* count)
        }
        customers_curl_set_pointer(easy, CURLOPT_PREREQDATA, context)
        customers_curl_set_start_callback(easy) { context, remote, local, remotePort, localPort in
            guard let context else { return Int32(CURL_PREREQFUNC_ABORT) }
            let connection = ConnectionEnds(
                local: local, localPort: localPort, remote: remote, remotePort: remotePort)
            let mayGo = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().start(on: connection)
            return Int32(mayGo ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT)
        }
        customers_curl_set_pointer(easy, CURLOPT_SOCKOPTDATA, context)
        customers_curl_set_socket_callback(easy) { context, descriptor, _ in
            if let context {
                Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().opened.append(descriptor)
            }
            return Int32(CURL_SOCKOPT_OK)
        }
    }

    /// Whether it ended only because the kept connection that it was given is no good, and goes on with a new one:
    /// nothing was sent there. At most once.
    func takeRestart() -> Bool {
        guard restart == .due else { return false }
        restart = .taken
        return true
    }

    /// After the handle was reset.
    func releaseFields() {
        curl_slist_free_all(fields)
        fields = nil
    }

    /// libcurl has a connection and is about to send. It comes here again when a kept connection turned out to be dead,
    /// and would repeat any request, as often as it likes: a request that may not be repeated is stopped, any other
    /// after the second time.
    private func start(on connection: ConnectionEnds) -> Bool {
        guard isFit(connection) else {
            if restart == .none, timesStarted < 2 { restart = .due }
            return false
        }
        timesStarted += 1
        if timesStarted == 1 { onStart() }
        return timesStarted == 1 || (timesStarted == 2 && request.mayRepeat())
    }

    /// Whether the next that comes on the connection will be the reply: it is new, or nothing is waiting on it.
    private func isFit(_ connection: ConnectionEnds) -> Bool {
        guard let shard, let handle else { return false }
        guard opened.isEmpty else {
            shard.sockets.note(connection, opened: opened)
            opened.removeAll()
            newConnection = connection
            return true
        }
        return !shard.sockets.hasInput(connection, handle)
    }

    private func take(body bytes: UnsafeMutablePointer<CChar>, count: Int) -> Int {
        guard count <= replyLimit - body.count else {
            isTooLarge = true
            return 0
        }
        let due = max(body.count + count - ReplyBudget.free, 0) - budgeted
        if due > 0 {
            guard budget.take(due) else {
                isOverBudget = true
                return 0
            }
            budgeted += due
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    private func take(head bytes: UnsafeMutablePointer<CChar>, count: Int) -> Int {
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        // A status line: what came before was an interim reply.
        if line.starts(with: "HTTP/".utf8) {
            head.removeAll(keepingCapacity: true)
            if let connection = newConnection {
                newConnection = nil
                if line.starts(with: "HTTP/1.".utf8) { shard?.sockets.noteHTTP1(connection) }
            }
        }
        guard count <= Self.headLimit - head.count else {
            isTooLarge = true
            return 0
        }
        head.append(contentsOf: line)
        return count
    }
}
