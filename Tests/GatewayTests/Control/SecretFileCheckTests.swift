import Glibc
import Testing

@testable import Gateway

@Suite("Doctor: files")
struct SecretFileCheckTests {
    private let folder: ConfigurationFolder
    /// Somebody who is in the group that these files have.
    private let member = DaemonAccount(user: 4_711, groups: [getegid()])
    private let stranger = DaemonAccount(user: 4_711, groups: [4_712])

    init() throws {
        folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal, mode: 0o640)
        for name in ["chat.password", "token.key", "seal.key", "tenants.d/acme.yaml", "tenants.d/acme.key"] {
            try #require(chmod(folder.path + "/" + name, 0o640) == 0)
        }
        for name in ["", "/tenants.d"] { try #require(chmod(folder.path + name, 0o750) == 0) }
    }

    private func unreadable(_ account: DaemonAccount, unit: String = "") -> [String] {
        SecretFileCheck(
            path: folder.path + "/customersd.yaml", tenants: folder.path + "/tenants.d",
            credentials: .unit(ServiceUnit(texts: ["[Service]\n" + unit]), isOwn: true), account: account
        ).unreadable().map { folder.relative($0.text + " → " + $0.remedy) }
    }

    @Test("files of a group of the daemon's are good, whichever of its groups it is")
    func readable() {
        #expect(unreadable(member).isEmpty)
        #expect(unreadable(DaemonAccount(user: 4_711, groups: [4_712, getegid()])).isEmpty)
    }

    @Test("a file that the daemon may not read is named with what lets it in")
    func mode() throws {
        try #require(chmod(folder.path + "/tenants.d/acme.key", 0o600) == 0)
        #expect(
            unreadable(member) == [
                "the daemon's user customersd may not read tenants.d/acme.key → chgrp customersd tenants.d/acme.key && "
                    + "chmod g+r tenants.d/acme.key lets the daemon in"
            ])
    }

    @Test("a folder on the way that the daemon may not pass is what is named")
    func passage() throws {
        try #require(chmod(folder.path + "/tenants.d", 0o700) == 0)
        let found = unreadable(member)
        #expect(found.count == 3, "\(found)")
        #expect(found.first?.hasSuffix("chmod g+rx tenants.d lets the daemon in") == true, "\(found)")
        #expect(
            found.last
                == "the daemon's user customersd may not read tenants.d/acme.key: it may not pass tenants.d → chgrp "
                + "customersd tenants.d && chmod g+x tenants.d lets the daemon in")
    }

    @Test("certificates must be readable as well")
    func certificates() throws {
        try folder.write("ca.pem", "not looked at here", mode: 0o600)
        try folder.write(
            "customersd.yaml", ConfigurationFolder.minimal.replacing("username:", with: "ca_file: ca.pem, username:"),
            mode: 0o640)
        #expect(unreadable(member).map { $0.prefix(44) } == ["the daemon's user customersd may not read ca"])
    }

    @Test("what systemd reads for the daemon need not be readable, unless the configuration names it by its whole path")
    func handedOver() throws {
        try #require(chmod(folder.path + "/token.key", 0o600) == 0)
        let unit = "LoadCredential=token.key:\(folder.path)/token.key"
        #expect(unreadable(member, unit: unit).isEmpty)
        try folder.write(
            "customersd.yaml",
            ConfigurationFolder.minimal.replacing("key_file: token.key", with: "key_file: \(folder.path)/token.key"),
            mode: 0o640)
        #expect(unreadable(member, unit: unit).count == 1)
    }

    @Test("what systemd hides from the daemon is no use to it")
    func hidden() {
        let found = unreadable(member, unit: "InaccessiblePaths=\(folder.path)/tenants.d")
        #expect(found.count == 3 && found.allSatisfy { $0.hasPrefix("systemd hides tenants.d") }, "\(found)")
    }

    @Test("a stranger may read nothing, and another's configuration is not the daemon's to read")
    func others() {
        #expect(unreadable(stranger).count == 7)
        let check = SecretFileCheck(
            path: folder.path + "/customersd.yaml", tenants: folder.path + "/tenants.d", credentials: .none,
            account: stranger)
        #expect(check.unreadable().isEmpty)
    }
}
