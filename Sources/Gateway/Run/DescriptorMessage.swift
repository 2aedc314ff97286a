internal import Glibc

/// A message on a Unix socket that carries descriptors (`SCM_RIGHTS`, unix(7)).
///
/// ```
///  control:  │ length: 8 │ SOL_SOCKET: 4 │ SCM_RIGHTS: 4 │ descriptor: 4 │ descriptor: 4 │ …, padded to 8
/// ```
enum DescriptorMessage {
    /// As many as the kernel takes in one message (`SCM_MAX_FD`).
    static let limit = 253

    private static let headerSize = 16
    /// `SCM_RIGHTS`, which Swift's Glibc module lacks.
    private static let rights: Int32 = 1

    /// Sends bytes and descriptors; the descriptors stay the caller's.
    ///
    /// - Parameters:
    ///   - bytes: at least one, or the descriptors do not arrive.
    ///   - descriptors: at most ``limit``.
    ///   - socket: where to send.
    ///   - name: the receiver's socket address, or nil on a connected socket.
    /// - Returns: whether all went.
    static func send(
        _ bytes: [UInt8], with descriptors: [Int32] = [], over socket: Int32,
        to name: UnsafeMutableRawBufferPointer? = nil
    ) -> Bool {
        guard descriptors.count <= limit else { return false }
        var control: [UInt8] = []
        if !descriptors.isEmpty {
            let length = headerSize + descriptors.count * MemoryLayout<Int32>.size
            control = Array(repeating: 0, count: (length + 7) & ~7)
            control.withUnsafeMutableBytes { control in
                control.storeBytes(of: length, as: Int.self)
                control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
                control.storeBytes(of: rights, toByteOffset: 12, as: Int32.self)
                descriptors.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: control[headerSize...]).copyMemory(from: $0)
                }
            }
        }
        var bytes = bytes
        return withMessage(&bytes, &control) { message in
            message.msg_name = name?.baseAddress
            message.msg_namelen = socklen_t(name?.count ?? 0)
            return sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) >= 0
        }
    }

    /// Takes the next message's descriptors, closed on exec; the caller's from now on.
    ///
    /// - Returns: nil when there is no message.
    static func receive(from socket: Int32) -> [Int32]? {
        var bytes: [UInt8] = [0]
        var control = [UInt8](repeating: 0, count: (headerSize + limit * MemoryLayout<Int32>.size + 7) & ~7)
        var length = 0
        let received = withMessage(&bytes, &control) { message in
            let flags = Int32(MSG_CMSG_CLOEXEC | MSG_DONTWAIT)
            guard recvmsg(socket, &message, flags) > 0 else { return false }
            length = message.msg_controllen
            return true
        }
        guard received else { return nil }
        return control.withUnsafeBytes { control in
            guard length >= headerSize, control.loadUnaligned(fromByteOffset: 8, as: Int32.self) == SOL_SOCKET,
                control.loadUnaligned(fromByteOffset: 12, as: Int32.self) == rights
            else { return [] }
            let end = min(control.loadUnaligned(as: Int.self), length, control.count)
            return stride(from: headerSize, to: end - 3, by: MemoryLayout<Int32>.size).map {
                control.loadUnaligned(fromByteOffset: $0, as: Int32.self)
            }
        }
    }

    private static func withMessage(
        _ bytes: inout [UInt8], _ control: inout [UInt8], _ body: (inout msghdr) -> Bool
    ) -> Bool {
        bytes.withUnsafeMutableBytes { bytes in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.isEmpty ? nil : control.baseAddress
                    message.msg_controllen = control.count
                    return body(&message)
                }
            }
        }
    }
}
