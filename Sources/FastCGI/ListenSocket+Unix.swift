internal import Glibc

extension ListenSocket {
    /// Removes a socket at `path` on which nobody answers; anything else there is left alone and is an error.
    static func removeStale(_ path: String) throws(FastCGIError) {
        guard let file = FileIdentity(path: path) else {
            guard errno == ENOENT else { throw .system("look at \(path)", errno) }
            let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
            var status = stat()
            guard stat(folder.isEmpty ? "/" : String(folder), &status) == 0 else {
                throw .system("the folder of the socket \(path)", errno)
            }
            return
        }
        guard file.isSocket else {
            throw FastCGIError(.notAllowed, "\(path) exists and is not a socket; it is left as it is")
        }
        let probe = socket(AF_UNIX, streamType(SOCK_CLOEXEC, SOCK_NONBLOCK), 0)
        guard probe >= 0 else { throw .system("socket", errno) }
        defer { _ = Glibc.close(probe) }
        let answer = SocketAddress(.unix(path: path)).withPointer { connect(probe, $0, $1) }
        let number = errno
        // Only a refused connection proves that nobody listens; EAGAIN is a listener with a full backlog.
        guard answer != 0, number == ECONNREFUSED else {
            throw FastCGIError(
                .inUse, "another process answers on \(path)", number: answer == 0 || number == EAGAIN ? 0 : number)
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove the stale socket \(path)", errno) }
    }

    /// Sets mode and group between `bind` and `listen`, when nobody can have connected yet.
    static func setAccess(_ path: String, _ options: ListenOptions) throws(FastCGIError) {
        if let group = options.group {
            guard let id = groupID(group) else { throw FastCGIError(.notAllowed, "there is no group \"\(group)\"") }
            guard chown(path, uid_t.max, id) == 0 else { throw .system("give \(path) to group \(group)", errno) }
        }
        guard chmod(path, mode_t(options.mode)) == 0 else { throw .system("set the mode of \(path)", errno) }
    }

    private static func groupID(_ name: String) -> gid_t? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65_536) { buffer in
            guard getgrnam_r(name, &entry, buffer.baseAddress, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return entry.gr_gid
        }
    }
}
