import FuzzDriver
import Glibc

/// The other end: a Unix socket without a name on the disk that takes connections.
struct RedisPeer: Sendable {
    /// Where it listens.
    let path: String
    private let listener: Int32

    init() {
        var template = Array("/tmp/customers-fuzz-XXXXXX".utf8CString)
        Fuzzing.expect(mkdtemp(&template) != nil, "there is a temporary folder")
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = folder + "/s"
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 }
        }
        Fuzzing.expect(isBound && listen(listener, 8) == 0, "the socket listens")
    }

    /// The server's end of the connection that was just made.
    func accepted() -> Int32 {
        let descriptor = accept(listener, nil, nil)
        Fuzzing.expect(descriptor >= 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, "the client has connected")
        return descriptor
    }
}
