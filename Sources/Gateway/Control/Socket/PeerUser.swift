internal import Glibc

/// Who is at the other end of a Unix socket (SO_PEERCRED, unix(7)): the user who connected, as the kernel knows it.
enum PeerUser {
    /// `struct ucred`: process, user, group.
    private struct Credentials {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// The user's id; nil when the kernel does not say.
    static func id(of descriptor: Int32) -> UInt32? {
        var credentials = Credentials()
        var length = socklen_t(MemoryLayout<Credentials>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0,
            length == MemoryLayout<Credentials>.size
        else { return nil }
        return credentials.user
    }

    /// Whether a user may control the process: root, and the one it runs as.
    static func isAllowed(_ user: UInt32) -> Bool { user == 0 || user == geteuid() }
}
