internal import EventLoop
internal import Glibc
internal import HTTPMessage
internal import Logging

extension FastCGIConnection {
    /// Bytes given to libfcgi at a time. An empty or writable socket has room for that much and one record more (Unix:
    /// writable means three quarters of 208 KiB are free; TCP: a third of what ``ListenSocket`` asks for).
    private static let portion = 32_768
    /// Portions sent in one turn, so that a long answer does not hold up the others.
    private static let portionsPerTurn = 8

    /// Sends an answer: at once when it is short, else as the peer takes it.
    func send(_ answer: HTTPResponse) {
        var answer = answer
        var head = worker.head.encode(answer)
        if head == nil {
            worker.counters.countBadResponse()
            worker.logger.error("an answer cannot be sent as it is", metadata: ["request_id": "\(requestID)"])
            answer = LocalAnswer.internalError.response(requestID: requestID)
            head = worker.head.encode(answer)
        }
        guard let head, let writer = worker.codec.writer(for: number, on: descriptor) else { return close() }
        self.writer = writer
        guard writer.write(head) else { return close() }
        if isHead || !ResponseHead.allowsBody(answer.status) || answer.body.isEmpty { return finish() }
        if answer.body.count <= Self.portion {
            guard answer.body.withUnsafeBytes({ writer.write($0) }) else { return close() }
            return finish()
        }
        state = .answering
        deadline = worker.deadline(after: worker.configuration.answerDeadline)
        body = answer.body
        bodySent = 0
        sendMore()
    }

    /// Sends portions while the socket has room for one.
    private func sendMore() {
        guard state == .answering, let writer else { return }
        var turn = 0
        while bodySent < body.count {
            guard isWritable else { return waitForRoom() }
            guard turn < Self.portionsPerTurn else {
                worker.loop.schedule(after: .zero) { [weak self] in self?.sendMore() }
                return
            }
            turn &+= 1
            let end = min(bodySent &+ Self.portion, body.count)
            let sent = body.withUnsafeBytes { writer.write(UnsafeRawBufferPointer(rebasing: $0[bodySent..<end])) }
            guard sent else { return close() }
            bodySent = end
        }
        finish()
    }

    private var isWritable: Bool {
        var look = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&look, 1, 0) > 0 && look.revents & Int16(POLLOUT) != 0
    }

    private func waitForRoom() {
        guard writeWatch == nil else { return }
        do {
            writeWatch = try worker.loop.watch(descriptor, .write, edgeTriggered: true) { [unowned self] _ in sendMore()
            }
        } catch {
            close()
        }
    }

    private func finish() {
        let isLast = !keepsConnection || worker.isDraining && !worker.handsOver
        guard let writer, writer.finish(isLast: isLast && !hasStrayInput) else { return close() }
        self.writer = nil
        if state == .answering {
            body = []
            writeWatch?.cancel()
            writeWatch = nil
        }
        guard keepsConnection else { return hasStrayInput ? linger() : close() }
        waitForNext()
    }

    /// The connection is kept for the next request; in a drain it goes to the next process, or nowhere.
    func waitForNext() {
        guard !worker.isDraining else { return worker.handsOver ? release() : close() }
        state = .idle
        deadline = worker.idleDeadline()
    }

    /// Ends our side and throws away what still comes, for a moment: closing with unread bytes in the socket would take
    /// the answer away from the peer before it has read it.
    func linger() {
        state = .lingering
        deadline = 0
        shutdown(descriptor, Int32(SHUT_WR))
        lingerTimer = worker.loop.schedule(after: worker.configuration.linger) { [weak self] in self?.close() }
        discard()
    }

    func discard() {
        let scratch = worker.scratch
        for _ in 0..<16 {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
            if count > 0 { continue }
            if count == 0 || errno != EAGAIN && errno != EINTR { close() }
            return
        }
        // A flood: the rest is not worth waiting for.
        close()
    }
}
