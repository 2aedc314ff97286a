internal import FoundationEssentials
internal import Glibc

/// Who may do what with a file or folder: its mode, and its access control list where it has one (acl(5)).
struct FilePermissions: Equatable {
    /// What is wanted; the bits of a mode's last digit.
    struct Wish: OptionSet {
        let rawValue: UInt32
        static let read = Wish(rawValue: 4)
        static let search = Wish(rawValue: 1)
    }

    /// A line of the list. The kernel keeps each as 8 bytes, little end first, after 4 bytes with the number 2:
    ///
    ///     | kind (2) | permissions (2) | user or group (4) |
    struct Entry: Equatable {
        var kind: UInt16
        var permissions: UInt32
        var id: UInt32

        static let owner: UInt16 = 0x01
        static let user: UInt16 = 0x02
        static let owningGroup: UInt16 = 0x04
        static let group: UInt16 = 0x08
        static let mask: UInt16 = 0x10
        static let others: UInt16 = 0x20
    }

    var owner: uid_t
    var group: gid_t
    var mode: mode_t
    var list: [Entry] = []

    var isFolder: Bool { mode & S_IFMT == S_IFDIR }

    init(owner: uid_t, group: gid_t, mode: mode_t, list: [Entry] = []) {
        self.owner = owner
        self.group = group
        self.mode = mode
        self.list = list
    }

    /// Those of a path, with links followed; nil when nothing is there, or it may not be looked at.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
        let attributes = try? FileManager.default.attributesOfItem(atPath: DaemonAccount.resolved(path))
        let extended = attributes?[FileAttributeKey(rawValue: "NSFileExtendedAttributes")] as? [String: Data]
        if let data = extended?["system.posix_acl_access"] { list = Self.list(Array(data)) }
    }

    /// Whether an account gets all of what is wanted (acl(5), "Access check algorithm").
    func allow(_ wish: Wish, _ account: DaemonAccount) -> Bool {
        func grants(_ permissions: UInt32) -> Bool { Wish(rawValue: permissions).isSuperset(of: wish) }
        if account.user == 0 { return true }
        if account.user == owner { return grants(mode >> 6 & 7) }
        guard !list.isEmpty else {
            return grants(account.groups.contains(group) ? mode >> 3 & 7 : mode & 7)
        }
        let mask = list.first { $0.kind == Entry.mask }?.permissions ?? 7
        if let named = list.first(where: { $0.kind == Entry.user && $0.id == account.user }) {
            return grants(named.permissions & mask)
        }
        let groups = list.filter {
            $0.kind == Entry.owningGroup && account.groups.contains(group)
                || $0.kind == Entry.group && account.groups.contains($0.id)
        }
        guard groups.isEmpty else { return groups.contains { grants($0.permissions & mask) } }
        return grants(mode & 7)
    }

    /// Reads the kernel's form; empty for anything else.
    static func list(_ bytes: [UInt8]) -> [Entry] {
        guard bytes.starts(with: [2, 0, 0, 0]) else { return [] }
        return stride(from: 4, to: bytes.count - 7, by: 8).map { start in
            func number(_ range: Range<Int>) -> UInt32 {
                bytes[range].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            }
            return Entry(
                kind: UInt16(truncatingIfNeeded: number(start..<start + 2)), permissions: number(start + 2..<start + 4),
                id: number(start + 4..<start + 8))
        }
    }
}
