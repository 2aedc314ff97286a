internal import Glibc

/// The account that the daemon runs under where it is installed as a service.
struct DaemonAccount: Sendable {
    /// The user's and the group's name.
    static let name = "customersd"
    /// What `ProtectHome=` of the unit as it is shipped hides.
    private static let homes = ["/home", "/root", "/run/user"]

    var user: uid_t
    var groups: Set<gid_t>

    /// The account on this machine with all its groups; nil where there is none.
    static let installed: DaemonAccount? = entry { getpwnam_r(name, $0, $1, $2, $3) }.map { _, user, group in
        var count: Int32 = 1_024
        let groups = withUnsafeTemporaryAllocation(of: gid_t.self, capacity: Int(count)) { buffer in
            getgrouplist(name, group, buffer.baseAddress, &count) < 0 ? [group] : Array(buffer.prefix(Int(count)))
        }
        return DaemonAccount(user: user, groups: Set(groups))
    }

    /// The account with groups that its unit gives it besides.
    func joining(_ names: [String]) -> DaemonAccount {
        var account = self
        for name in names {
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
                guard getgrnam_r(name, &entry, buffer.baseAddress, buffer.count, &found) == 0, found != nil else {
                    return
                }
                account.groups.insert(entry.gr_gid)
            }
        }
        return account
    }

    /// What keeps the account from reading a file, or from entering and listing a folder: the thing itself, or a folder
    /// on the way; nil when nothing does, or nothing is there.
    func obstacle(on path: String) -> String? {
        for path in Set([path, Self.resolved(path)]).sorted() {
            for folder in Self.folders(above: path) {
                guard let permissions = FilePermissions(of: folder) else { return nil }
                if !permissions.allow(.search, self) { return folder }
            }
        }
        guard let permissions = FilePermissions(of: path) else { return nil }
        return permissions.allow(permissions.isFolder ? [.read, .search] : .read, self) ? nil : path
    }

    /// What lets the daemon read a file or enter a folder. Without `obstacle`, said by the daemon of its own failure.
    static func remedy(_ path: String, obstacle: String? = nil) -> String {
        let obstacle =
            obstacle ?? folders(above: path).first { access($0, X_OK) != 0 && errno == EACCES } ?? path
        if obstacle != path, homes.contains(obstacle) {
            return
                "systemd hides \(obstacle) from the daemon (ProtectHome=): put the file elsewhere, such as /etc/customersd"
        }
        let right = obstacle != path ? "x" : FilePermissions(of: path)?.isFolder == true ? "rx" : "r"
        return "chgrp \(name) \(obstacle) && chmod g+\(right) \(obstacle) lets the daemon in"
    }

    /// A user's name; nil when it has none.
    static func name(of user: uid_t) -> String? {
        entry { getpwuid_r(user, $0, $1, $2, $3) }.map { $0.name }
    }

    /// `/`, `/a` and `/a/b` of `/a/b/c`.
    private static func folders(above path: String) -> [String] {
        path.indices.filter { path[$0] == "/" }.map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    }

    /// Where symbolic links lead; the path itself when they lead nowhere.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
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
