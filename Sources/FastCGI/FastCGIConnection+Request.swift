internal import EventLoop
internal import FastCGIProtocol
internal import Glibc
internal import HTTPMessage
internal import Synchronization

extension FastCGIConnection {
    /// Has libfcgi parse the request that the gate let through, and starts the handler.
    func begin(_ shape: RequestShape, peerEnded: Bool) {
        state = .inFlight
        deadline = 0
        neededBytes = 1
        WorkerCounters.add(1, to: worker.counters.requests)
        worker.arrivals.ring()
        if worker.isDraining { worker.lastActivity = worker.loop.now }
        let parsed = worker.codec.parse(descriptor, bodyLength: shape.bodyLength) { parameters, body in
            HTTPRequest(parameters: parameters, body: body) { worker.requestIDs.next() }
        }
        switch parsed {
        case .request(let request, let keep, let number):
            self.number = number
            keepsConnection = keep && !peerEnded && !shape.endsPadded
            hasStrayInput = shape.endsPadded
            run(request)
            if peerEnded, state == .inFlight { checkPeer() }
        case .disagreement(let isClosed):
            worker.note(ConnectionRefusal.codec.rawValue)
            close(descriptorIsGone: isClosed)
        }
    }

    private func run(_ request: HTTPRequest?) {
        requestID = request?.requestID ?? worker.requestIDs.next()
        isHead = request?.method == "HEAD"
        guard let request else { return send(LocalAnswer.badEncoding.response(requestID: requestID)) }
        guard worker.inFlight < worker.configuration.maxInFlight else {
            worker.counters.countOverload()
            return send(LocalAnswer.overloaded.response(requestID: requestID))
        }
        if let response = worker.atOnce(request, worker.loop) { return send(response) }
        isSafe = isHead || request.method == "GET" || request.method == "OPTIONS"
        worker.handlerBegan()
        let worker = worker
        task = Task(executorPreference: worker.loop) {
            let response = await worker.handler(request, worker.loop)
            self.answer(response)
        }
    }

    private func answer(_ response: HTTPResponse) {
        task = nil
        if state == .inFlight { send(response) }
        worker.handlerEnded()
    }

    /// Something happened on the descriptor while a request is in flight or its answer on the way.
    func checkPeer() {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        if count < 0 {
            // The edge of bytes that were read since is no news.
            if errno == EAGAIN || errno == EINTR { return }
            return peerLeft()
        }
        keepsConnection = false
        if count > 0, !hasStrayInput {
            hasStrayInput = true
            worker.note(ConnectionRefusal.pipelined.rawValue)
        }
        if hasHungUp { peerLeft() }
    }

    /// Whether the peer has closed both directions; over TCP that only shows once it refuses bytes.
    private var hasHungUp: Bool {
        var look = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&look, 1, 0) > 0 && look.revents & Int16(POLLHUP | POLLERR) != 0
    }

    /// Nobody waits for the answer. What only reads is cancelled, what has effects finishes.
    private func peerLeft() {
        if isSafe { task?.cancel() }
        close()
    }
}
