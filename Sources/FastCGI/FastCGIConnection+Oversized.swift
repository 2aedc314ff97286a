internal import EventLoop
internal import FastCGIProtocol
internal import Glibc
internal import HTTPMessage

/// How far a request that is too large has been read.
struct OversizedSkim {
    let request: OversizedRequest
    var skimmer: BodySkimmer
    var count = 0
}

extension FastCGIConnection {
    /// Bodies up to this are read to their end before the answer, which is the cleanest for the web server; nginx
    /// itself refuses larger ones (`client_max_body_size`).
    private static let skimLimit = 1 << 20

    /// Takes a request whose body is over the limit: reads and forgets what the web server is sending, and answers 413.
    ///
    /// A connection that is to be kept, and has nothing left in it, is kept: nginx would send the next customer's call
    /// on it while it is being closed, and may not send a POST again (hazards 1c).
    func skim(_ request: OversizedRequest) {
        if state != .arriving { deadline = worker.deadline(after: worker.configuration.requestDeadline) }
        state = .skimming
        oversized = OversizedSkim(request: request, skimmer: BodySkimmer(request))
        // The parameters have been looked at, so they are there to be taken.
        var left = request.bodyOffset
        while left > 0 {
            let count = recv(descriptor, worker.scratch.baseAddress, min(left, worker.scratch.count), 0)
            guard count > 0 else { return close() }
            left &-= count
        }
        request.contentLength > Self.skimLimit ? answerTooLarge(clean: false) : skim()
    }

    /// Reads on, as far as there are bytes.
    func skim() {
        let scratch = worker.scratch
        while var skim = oversized {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
            guard count > 0 else {
                if count < 0, errno == EAGAIN || errno == EINTR { return }
                return refuse(ConnectionRefusal.closedEarly.rawValue)
            }
            let progress = skim.skimmer.take(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            skim.count &+= count
            oversized = skim
            switch progress {
            case .ended: return answerTooLarge(clean: true)
            case .refused(let refusal): return refuse(refusal.rawValue)
            case .more:
                // Records of a few bytes can make a short body long.
                if skim.count > Self.skimLimit &* 2 { return answerTooLarge(clean: false) }
            }
        }
    }

    /// - Parameter clean: whether nothing of the request is left in the socket or on its way.
    private func answerTooLarge(clean: Bool) {
        guard let request = oversized?.request else { return close() }
        worker.note(LocalAnswer.tooLarge.rawValue)
        let answer = LocalAnswer.tooLarge.response(requestID: request.requestName ?? worker.requestIDs.next())
        guard let head = worker.head.encode(answer) else { return close() }
        let bytes = PlainAnswer.bytes(requestID: request.requestID, payload: Array(head) + answer.body)
        let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard clean else { return linger() }
        guard request.keepConnection, sent == bytes.count else { return close() }
        oversized = nil
        neededBytes = 1
        waitForNext()
        // Should the peer have left meanwhile, nobody would tell again.
        if state == .idle { look(peerEnded: false) }
    }
}
