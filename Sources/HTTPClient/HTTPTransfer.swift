internal import CCurl

// @unchecked: made by the sender's task, handed over to the loop, and touched by nobody else from then on.
/// One request on its way through libcurl.
final class HTTPTransfer: @unchecked Sendable {
    enum Phase { case new, waiting, connecting, started, ended }

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
        customers_curl_set_start_callback(easy) { context, _, _, _, _ in
            guard let context else { return Int32(CURL_PREREQFUNC_ABORT) }
            let mayGo = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().start()
            return Int32(mayGo ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT)
        }
    }

    /// After the handle was reset.
    func releaseFields() {
        curl_slist_free_all(fields)
        fields = nil
    }

    /// libcurl has a connection and is about to send. It comes here again when a kept connection turned out to be dead,
    /// and would repeat any request, as often as it likes: a request that may not be repeated is stopped, any other
    /// after the second time.
    private func start() -> Bool {
        timesStarted += 1
        if timesStarted == 1 { onStart() }
        return timesStarted == 1 || (timesStarted == 2 && request.mayRepeat())
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
        if line.starts(with: "HTTP/".utf8) { head.removeAll(keepingCapacity: true) }
        guard count <= Self.headLimit - head.count else {
            isTooLarge = true
            return 0
        }
        head.append(contentsOf: line)
        return count
    }
}
