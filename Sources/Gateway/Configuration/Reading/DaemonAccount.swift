internal import Glibc

/// The account that the daemon runs under where it is installed as a service.
enum DaemonAccount {
    /// The user's and the group's name.
    static let name = "customersd"

    /// What lets the daemon read a file or enter a folder of root's.
    static func remedy(_ path: String) -> String {
        var status = stat()
        let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        return "chgrp \(name) \(path) && chmod g+r\(isFolder ? "x" : "") \(path) lets the daemon in"
    }

    /// A user's name; nil when it has none.
    static func name(of user: uid_t) -> String? {
        entry { getpwuid_r(user, $0, $1, $2, $3) }.map { $0.name }
    }

    /// The user and group ids; nil where there is no such user.
    static let ids: (user: uid_t, group: gid_t)? = entry { getpwnam_r(name, $0, $1, $2, $3) }.map {
        ($0.user, $0.group)
    }

    /// Whether the account may read (and for a folder enter) what has this status; also true where there is no such
    /// account.
    static func mayRead(_ status: stat) -> Bool {
        guard let ids else { return true }
        let wanted: mode_t = status.st_mode & S_IFMT == S_IFDIR ? 0o5 : 0o4
        if status.st_uid == ids.user { return status.st_mode >> 6 & wanted == wanted }
        if status.st_gid == ids.group { return status.st_mode >> 3 & wanted == wanted }
        return status.st_mode & wanted == wanted
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func entry(_ lookUp: LookUp) -> (name: String, user: uid_t, group: gid_t)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let base = buffer.baseAddress, lookUp(&entry, base, buffer.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return nil }
            return (String(cString: name), entry.pw_uid, entry.pw_gid)
        }
    }
}
