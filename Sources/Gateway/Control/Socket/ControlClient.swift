internal import Glibc

/// Asks a running daemon something over its control socket. Blocks; for `customersctl` only.
struct ControlClient {
    let path: String
    /// The configuration of the daemon that is meant; nil for whoever listens.
    var configuration: String?
    /// For the whole exchange.
    var patience = Duration.seconds(10)

    /// Sends a request and returns the JSON text of its result.
    ///
    /// - Throws: ``AdminError`` with what to do.
    func ask(_ request: ControlRequest) throws(AdminError) -> [UInt8] {
        let descriptor = try connected()
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + patience
        var output = ControlMessage(request, configuration: configuration).line[...]
        while !output.isEmpty {
            try wait(descriptor, for: POLLOUT, until: deadline)
            let count = output.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw gone() }
            output = output.dropFirst(count)
        }
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while input.last != 0x0A {
            try wait(descriptor, for: POLLIN, until: deadline)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0, input.count + count <= ControlReply.maximumBytes else { throw gone() }
            input += buffer.prefix(count)
        }
        do throws(ControlFault) {
            switch try ControlReply(line: Array(input.dropLast())) {
            case .result(let json): return json
            case .failure(let text): throw ControlFault(text)
            }
        } catch {
            throw AdminError(.unavailable, "the daemon says: \(error.text)")
        }
    }

    private func connected() throws(AdminError) -> Int32 {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else {
            throw AdminError(.usage, "\(path) is too long for a socket's path")
        }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(truncatingIfNeeded: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AdminError(.unavailable, "no socket: \(Self.text(errno))") }
        let code = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if code == 0 { return descriptor }
        let number = errno
        close(descriptor)
        switch number {
        case EACCES, EPERM:
            throw AdminError(.noPermission, "\(path) may not be opened: run this as root or as the daemon's user")
        case ENOENT:
            throw AdminError(
                .unavailable,
                "there is no control socket \(path): the daemon does not run, or not with this configuration, or it was deleted",
                remedy:
                    "systemctl restart customersd starts it, or makes the socket again; systemctl status customersd says why "
                    + "it does not"
            )
        case ECONNREFUSED:
            throw AdminError(
                .unavailable, "nobody answers on \(path)",
                remedy: "the daemon ended without cleaning up: systemctl restart customersd")
        default: throw AdminError(.unavailable, "connect to \(path): \(Self.text(number))")
        }
    }

    private func wait(_ descriptor: Int32, for events: Int32, until deadline: ContinuousClock.Instant)
        throws(AdminError)
    {
        var request = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                throw AdminError(
                    .unavailable, "the daemon took the request but did not answer in time",
                    remedy: "look at its log: journalctl -u customersd -n 50")
            }
            let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = poll(&request, 1, Int32(clamping: milliseconds + 1))
            if count > 0 { return }
        }
    }

    /// The server closes without a word on whom it does not listen to.
    private func gone() -> AdminError {
        AdminError(
            .noPermission, "the daemon closed the connection without an answer",
            remedy: "it listens to root and to its own user only; or it has just stopped")
    }

    private static func text(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
