internal import Glibc

/// A `sockaddr` of any family with its length, as the system calls want it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// An address to be filled in by the kernel.
    init() {}

    init(_ address: ListenAddress) {
        switch address {
        case .unix(let path):
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            store(unix)
        case .ipv4(let host, let port):
            var ip = sockaddr_in()
            ip.sin_family = sa_family_t(AF_INET)
            ip.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &ip.sin_addr)
            store(ip)
        case .ipv6(let host, let port):
            var ip = sockaddr_in6()
            ip.sin6_family = sa_family_t(AF_INET6)
            ip.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &ip.sin6_addr)
            store(ip)
        }
    }

    private mutating func store<Address>(_ address: Address) {
        withUnsafeMutableBytes(of: &storage) { to in
            withUnsafeBytes(of: address) { to.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<Address>.size)
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// The address as ``ListenAddress``; nil for another family or a Unix socket without a path.
    var listenAddress: ListenAddress? {
        withUnsafeBytes(of: storage) { bytes -> ListenAddress? in
            switch family {
            case AF_UNIX:
                let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
                let path = bytes[pathOffset..<max(pathOffset, min(Int(length), bytes.count))].prefix { $0 != 0 }
                return path.isEmpty ? nil : .unix(path: String(decoding: path, as: UTF8.self))
            case AF_INET:
                let ip = bytes.loadUnaligned(as: sockaddr_in.self)
                return Self.text(AF_INET, ip.sin_addr).map { .ipv4(host: $0, port: UInt16(bigEndian: ip.sin_port)) }
            case AF_INET6:
                let ip = bytes.loadUnaligned(as: sockaddr_in6.self)
                return Self.text(AF_INET6, ip.sin6_addr).map { .ipv6(host: $0, port: UInt16(bigEndian: ip.sin6_port)) }
            default: return nil
            }
        }
    }

    private static func text<Address>(_ family: Int32, _ address: Address) -> String? {
        withUnsafeBytes(of: address) { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                inet_ntop(family, bytes.baseAddress, buffer.baseAddress, socklen_t(buffer.count))
                    .map { String(cString: $0) }
            }
        }
    }

    /// Calls `body` with the address for `bind` or `connect`.
    func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafeBytes(of: storage) { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return body(base.assumingMemoryBound(to: sockaddr.self), length)
        }
    }

    /// Calls `body`, which fills the address in, such as `getsockname`.
    mutating func fill(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Int32 {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return body(base.assumingMemoryBound(to: sockaddr.self), &length)
        }
    }
}
