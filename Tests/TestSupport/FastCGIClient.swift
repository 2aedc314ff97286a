internal import Glibc

/// The web server's side of a connection, byte by byte: sends what a test writes, decodes what comes back.
///
/// Its calls block, with a time-out: use it in ``background(_:)``. Works against any FastCGI server on a Unix socket or
/// TCP.
public final class FastCGIClient: Sendable {
    /// What went wrong, as a sentence.
    public struct Failure: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
        init(_ text: String) { description = text }
    }

    /// The socket.
    public let descriptor: Int32

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: `/path.sock`, `unix:/path.sock`, `127.0.0.1:9001` or `[::1]:9001`.
    ///   - receiveBuffer: bytes of SO_RCVBUF, for a reader that takes little.
    /// - Throws: ``Failure``.
    public init(_ address: String, receiveBuffer: Int32? = nil) throws {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) { bytes in
            if address.hasPrefix("/") || address.hasPrefix("unix:") {
                var unix = sockaddr_un()
                unix.sun_family = sa_family_t(AF_UNIX)
                let path = address.hasPrefix("/") ? address : String(address.dropFirst(5))
                withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
                bytes.storeBytes(of: unix, as: sockaddr_un.self)
                length = socklen_t(MemoryLayout<sockaddr_un>.size)
                return
            }
            let colon = address.lastIndex(of: ":") ?? address.endIndex
            let port = UInt16(address[colon...].dropFirst()) ?? 0
            if address.hasPrefix("[") {
                var ip = sockaddr_in6()
                ip.sin6_family = sa_family_t(AF_INET6)
                ip.sin6_port = port.bigEndian
                inet_pton(AF_INET6, String(address[..<colon].dropFirst().dropLast()), &ip.sin6_addr)
                bytes.storeBytes(of: ip, as: sockaddr_in6.self)
                length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            } else {
                var ip = sockaddr_in()
                ip.sin_family = sa_family_t(AF_INET)
                ip.sin_port = port.bigEndian
                inet_pton(AF_INET, String(address[..<colon]), &ip.sin_addr)
                bytes.storeBytes(of: ip, as: sockaddr_in.self)
                length = socklen_t(MemoryLayout<sockaddr_in>.size)
            }
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(Int32(storage.ss_family), type, 0)
        guard descriptor >= 0 else { throw Failure("socket: errno \(errno)") }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let socket = descriptor
        let result = withUnsafeBytes(of: storage) { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            return connect(socket, base.assumingMemoryBound(to: sockaddr.self), length)
        }
        guard result == 0 else { throw Failure("connect to \(address): errno \(errno)") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8], timeout: Double = 10) throws {
        let deadline = Self.now + timeout * Double(TestPatience.factor)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(Int16(POLLOUT), until: deadline, "room to send")
            } else {
                throw Failure("send: errno \(errno)")
            }
        }
    }

    /// Reads what is there, waiting for at least one byte; empty at the end.
    public func receive(atMost limit: Int = 65_536, timeout: Double = 10) throws -> [UInt8] {
        let deadline = Self.now + timeout * Double(TestPatience.factor)
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(descriptor, &buffer, limit, 0)
            if count >= 0 { return Array(buffer[..<count]) }
            guard errno == EAGAIN else { throw Failure("recv: errno \(errno)") }
            try wait(Int16(POLLIN), until: deadline, "bytes")
        }
    }

    /// Reads exactly `count` bytes.
    public func receiveExactly(_ count: Int, timeout: Double = 10) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(atMost: count - bytes.count, timeout: timeout)
            guard !more.isEmpty else { throw Failure("closed after \(bytes.count) of \(count) bytes") }
            bytes += more
        }
        return bytes
    }

    /// Reads one whole answer, record by record, and not a byte more.
    ///
    /// - Throws: ``Failure`` for a record that has no place in an answer, and when the connection closes before the
    ///   end.
    public func reply(timeout: Double = 10) throws -> FastCGIReply {
        var output: [UInt8] = []
        var ids: Set<UInt16> = []
        while true {
            let header = try receiveExactly(8, timeout: timeout)
            guard header[0] == 1 else { throw Failure("version \(header[0])") }
            ids.insert(UInt16(header[2]) << 8 | UInt16(header[3]))
            let length = Int(header[4]) << 8 | Int(header[5])
            let content = try receiveExactly(length + Int(header[6]), timeout: timeout).prefix(length)
            switch header[1] {
            case 6: output += content
            case 3:
                guard length == 8, ids.count == 1, let id = ids.first else {
                    throw Failure("END_REQUEST of \(length) bytes, ids \(ids)")
                }
                var reply = FastCGIReply(output: output)
                reply.requestID = id
                reply.applicationStatus = content.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
                reply.protocolStatus = content[4]
                return reply
            default: throw Failure("record of type \(header[1]) in an answer")
            }
        }
    }

    /// Sends a request and reads its answer.
    public func exchange(_ request: [UInt8], timeout: Double = 10) throws -> FastCGIReply {
        try send(request, timeout: timeout)
        return try reply(timeout: timeout)
    }

    /// Waits until the server has closed the connection without sending anything more; false when the time is up or
    /// bytes come.
    public func isClosedByServer(timeout: Double = 10) -> Bool {
        do { return try receive(atMost: 1, timeout: timeout).isEmpty } catch { return !"\(error)".hasPrefix("no ") }
    }

    /// Ends the sending side only.
    public func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both sides: for the peer the same as closing.
    public func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Runs blocking calls on a thread of their own, so that a test does not hold one of the few it shares with others.
    public static func background<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let work = Unmanaged.passRetained(Work { continuation.resume(with: Result(catching: body)) })
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                    return nil
                }, work.toOpaque())
            guard code == 0 else {
                work.release()
                continuation.resume(throwing: Failure("pthread_create: \(code)"))
                return
            }
            pthread_detach(thread)
        }
    }

    private final class Work {
        let body: () -> Void
        init(body: @escaping () -> Void) { self.body = body }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func wait(_ events: Int16, until deadline: Double, _ what: String) throws {
        while true {
            let left = deadline - Self.now
            guard left > 0 else { throw Failure("no \(what) in time") }
            var look = pollfd(fd: descriptor, events: events, revents: 0)
            if poll(&look, 1, Int32(left * 1_000) + 1) > 0 { return }
        }
    }
}
