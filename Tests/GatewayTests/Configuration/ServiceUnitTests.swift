import Glibc
import Testing

@testable import Gateway

@Suite("The service's unit")
struct ServiceUnitTests {
    private static let shipped = """
        [Unit]
        LoadCredential=not:/etc/in-this-section
        [Service]
        # LoadCredential=no:/etc/no
        ExecStart=/usr/sbin/customersd --config /etc/customersd/customersd.yaml
        LoadCredential=token.key:/etc/customersd/token.key
        LoadCredential = chat.password:/nowhere/chat.password
        SetCredential=chat.password:\\n
        LoadCredentialEncrypted=seal.key:/etc/hostname
        ProtectHome=yes
        PrivateTmp=yes
        """

    @Test("where the credentials come from is read, and what stands in for one that is not there")
    func credentials() {
        let unit = ServiceUnit(texts: [Self.shipped])
        #expect(unit.configuration == "/etc/customersd/customersd.yaml")
        #expect(Set(unit.credentials.keys) == ["token.key", "chat.password", "seal.key"])
        #expect(unit.places(of: "token.key").first == .file("/etc/customersd/token.key"))
        #expect(unit.places(of: "chat.password") == [.file("/nowhere/chat.password")])
        let set = ServiceUnit(texts: [Self.shipped, "[Service]\nSetCredential=chat.password:a\\n\n"])
        #expect(set.places(of: "chat.password") == [.file("/nowhere/chat.password"), .text([0x61, 0x0A])])
        #expect(unit.places(of: "seal.key") == [.sealed("/etc/hostname")], "an encrypted one is not ours to read")
        #expect(unit.places(of: "other").isEmpty)
        #expect(ServiceUnit(texts: []).credentials.isEmpty)
    }

    @Test("the files of a folder are credentials with the folder's name before theirs")
    func folder() throws {
        let folder = try ConfigurationFolder()
        let unit = ServiceUnit(texts: ["[Service]\nLoadCredential=store:\(folder.path)\n"])
        #expect(unit.places(of: "store_chat.password") == [.file(folder.path + "/chat.password")])
        #expect(unit.places(of: "store_other").isEmpty && unit.places(of: "chat.password").isEmpty)
    }

    @Test("a configuration is the service's by whatever path it is named")
    func sameFile() throws {
        let folder = try ConfigurationFolder()
        #expect(ServiceUnit.isSame(folder.path + "/token.key", folder.path + "/tenants.d/../token.key"))
        #expect(!ServiceUnit.isSame(folder.path + "/token.key", folder.path + "/seal.key"))
        #expect(ServiceUnit.isSame("/nowhere/a", "/nowhere/a") && !ServiceUnit.isSame("/nowhere/a", "/nowhere/b"))
    }

    @Test("what comes later counts, and an empty setting takes back what was said before")
    func order() {
        let moved = ServiceUnit(texts: [
            Self.shipped,
            "[Service]\nLoadCredential=chat.password:/etc/store/cp\nExecStart=\n"
                + "ExecStart=/opt/customersd \\\n  --config=/opt/customersd.yaml\nProtectHome=no\n",
        ])
        #expect(moved.places(of: "chat.password").first == .file("/etc/store/cp"))
        #expect(moved.configuration == "/opt/customersd.yaml")
        #expect(moved.hides("/home/x") == nil)
        let emptied = ServiceUnit(texts: [Self.shipped, "[Service]\nLoadCredential=\nSetCredential=\n"])
        #expect(emptied.places(of: "token.key").isEmpty && emptied.places(of: "chat.password").isEmpty)
    }

    @Test("a unit in /etc takes the place of the package's, and so does a drop-in of the same name")
    func folders() throws {
        let folder = try ConfigurationFolder()
        let (weak, strong) = (folder.path + "/credentials", folder.path + "/tenants.d")
        #expect(ServiceUnit.installed(in: [weak, strong]) == nil)
        for (place, text) in [(weak, "a:/weak"), (strong, "a:/strong")] {
            _ = mkdir(place, 0o700)
            _ = mkdir("\(place)/customersd.service.d", 0o700)
            let name = place.split(separator: "/").last ?? ""
            try folder.write("\(name)/customersd.service", "[Service]\nLoadCredential=\(text)\n")
            try folder.write(
                "\(name)/customersd.service.d/x.conf", "[Service]\nLoadCredential=b:/x\(text.dropFirst(2))\n")
        }
        try folder.write("credentials/customersd.service.d/y.conf", "[Service]\nLoadCredential=c:/y\n")
        let unit = ServiceUnit.installed(in: [weak, strong])
        #expect(unit?.credentials.mapValues(\.source) == ["a": "/strong", "b": "/x/strong", "c": "/y"])
        for place in [weak, strong] {
            for file in ["x.conf", "y.conf"] { unlink("\(place)/customersd.service.d/\(file)") }
            rmdir("\(place)/customersd.service.d")
        }
    }

    @Test("credentials without which systemd starts nothing are named; what stands in, or is made, is none")
    func missing() {
        let unit = ServiceUnit(texts: [
            Self.shipped, "[Service]\nLoadCredential=other:/nowhere/other\nLoadCredential=inherited\n",
        ])
        #expect(unit.missing.map(\.source) == ["/nowhere/other"])
    }

    @Test(
        "paths that the daemon does not see",
        arguments: [
            ("/home/ann/ca.pem", "ProtectHome="), ("/root/x", "ProtectHome="), ("/run/user/0/x", "ProtectHome="),
            ("/tmp/x", "PrivateTmp="), ("/secret/x", "InaccessiblePaths= or TemporaryFileSystem="),
            ("/etc/customersd/x", nil), ("/homes/x", nil), ("/home/shared/x", nil),
        ])
    func hidden(path: String, setting: String?) {
        let unit = ServiceUnit(texts: [
            Self.shipped, "[Service]\nInaccessiblePaths=-/secret\nBindReadOnlyPaths=/srv/shared:/home/shared:rbind\n",
        ])
        #expect(unit.hides(path) == setting)
    }
}
