import Testing

@testable import Gateway

@Suite("File permissions")
struct FilePermissionsTests {
    private let daemon = DaemonAccount(user: 100, groups: [200, 201])

    @Test(
        "owner, groups and others each have their own digit, and the first that fits counts",
        arguments: [
            (100, 200, 0o400, true), (100, 200, 0o044, false), (0, 200, 0o640, true), (0, 201, 0o640, true),
            (0, 0, 0o640, false), (0, 200, 0o604, false), (0, 0, 0o604, true), (0, 0, 0o600, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func modes(owner: UInt32, group: UInt32, mode: UInt32, isReadable: Bool) {
        #expect(FilePermissions(owner: owner, group: group, mode: mode).allow(.read, daemon) == isReadable)
    }

    @Test("a folder must be passed, and one that is listed must be read as well")
    func folders() {
        let passage = FilePermissions(owner: 0, group: 200, mode: 0o710)
        #expect(passage.allow(.search, daemon) && !passage.allow([.read, .search], daemon))
    }

    @Test("an access control list lets in whom it names, as far as its mask goes")
    func list() {
        typealias Entry = FilePermissions.Entry
        func permissions(_ entries: Entry..., mask: UInt32) -> FilePermissions {
            FilePermissions(
                owner: 0, group: 0, mode: 0o600 | mask << 3,
                list: entries + [Entry(kind: Entry.mask, permissions: mask, id: .max)])
        }
        let user = Entry(kind: Entry.user, permissions: 4, id: 100)
        #expect(permissions(user, mask: 4).allow(.read, daemon))
        #expect(!permissions(user, mask: 0).allow(.read, daemon))
        #expect(!permissions(Entry(kind: Entry.user, permissions: 4, id: 101), mask: 4).allow(.read, daemon))
        #expect(permissions(Entry(kind: Entry.group, permissions: 4, id: 201), mask: 4).allow(.read, daemon))
        #expect(!permissions(Entry(kind: Entry.owningGroup, permissions: 4, id: .max), mask: 4).allow(.read, daemon))
    }

    @Test("the kernel's form of a list is read, and anything else is no list")
    func kernelForm() {
        typealias Entry = FilePermissions.Entry
        // setfacl -m u:4711:r of a file with mode 0600.
        let bytes: [UInt8] = [
            2, 0, 0, 0,
            0x01, 0, 6, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            0x02, 0, 4, 0, 0x67, 0x12, 0, 0,
            0x04, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            0x10, 0, 4, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            0x20, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
        ]
        let list = FilePermissions.list(bytes)
        #expect(list.count == 5 && list[1] == Entry(kind: Entry.user, permissions: 4, id: 4_711))
        #expect(list[3] == Entry(kind: Entry.mask, permissions: 4, id: .max))
        let account = DaemonAccount(user: 4_711, groups: [4_712])
        #expect(FilePermissions(owner: 0, group: 0, mode: 0o640, list: list).allow(.read, account))
        #expect(!FilePermissions(owner: 0, group: 0, mode: 0o640).allow(.read, account))
        #expect(FilePermissions.list([]).isEmpty && FilePermissions.list([1, 0, 0, 0, 1]).isEmpty)
        #expect(FilePermissions.list(Array(bytes.prefix(14))).count == 1, "half an entry is none")
    }

    @Test("/ may be passed by anybody, and what is not there has no permissions")
    func files() {
        #expect(FilePermissions(of: "/")?.allow(.search, daemon) == true)
        #expect(FilePermissions(of: "/nowhere") == nil)
    }
}
