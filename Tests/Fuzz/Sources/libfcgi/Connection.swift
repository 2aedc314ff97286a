import FuzzDriver
import Glibc

/// Both ends of a connection, for one request after the other.
struct Connection {
    private(set) var ours: Int32 = -1
    private var theirs: Int32 = -1

    init() { open() }

    private mutating func open() {
        var pair: [Int32] = [0, 0]
        Fuzzing.expect(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair) == 0,
            "there are descriptors")
        (ours, theirs) = (pair[0], pair[1])
        var size: Int32 = 1 << 20
        setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Puts a request into the empty socket.
    mutating func send(_ bytes: [UInt8]) {
        if unread > 0 {
            close(ours)
            close(theirs)
            open()
        }
        Fuzzing.expect(write(theirs, bytes, bytes.count) == bytes.count, "the socket takes a whole request")
    }

    /// Bytes that nobody has read.
    var unread: Int {
        var count: Int32 = 0
        return ioctl(ours, UInt(FIONREAD), &count) == 0 ? Int(count) : -1
    }
}
