internal import CFCGI
internal import EventLoop
internal import FastCGIProtocol
internal import Glibc

extension FastCGIConnection {
    /// Looks at what lies in the socket, without taking it, and acts on the gate's verdict.
    ///
    /// - Parameter peerEnded: whether the peer has closed at least its sending side, so that nothing more comes.
    func look(peerEnded: Bool) {
        if neededBytes > 1, !peerEnded {
            var readable: Int32 = 0
            if customers_ioctl_number(descriptor, UInt(FIONREAD), &readable) == 0, readable < neededBytes { return }
        }
        let scratch = worker.scratch
        let count = recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_PEEK))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            return state == .arriving ? refuse(ConnectionRefusal.closedEarly.rawValue) : close()
        }
        switch worker.gate.examine(UnsafeRawBufferPointer(rebasing: scratch[..<count])) {
        case .complete(let shape): begin(shape, peerEnded: peerEnded)
        case .refused(let refusal): refuse(refusal.rawValue)
        case .tooLarge(let request): skim(request)
        case .incomplete(let atLeast):
            guard !peerEnded else { return refuse(ConnectionRefusal.closedEarly.rawValue) }
            guard count < scratch.count else { return refuse(GateRefusal.requestLength.rawValue) }
            neededBytes = atLeast
            guard state == .idle else { return }
            state = .arriving
            deadline = worker.deadline(after: worker.configuration.requestDeadline)
        }
    }
}
