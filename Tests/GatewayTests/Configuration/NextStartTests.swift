import Glibc
import Testing

@testable import Gateway

@Suite("What the next start will read")
struct NextStartTests {
    private let folder: ConfigurationFolder

    init() throws {
        folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal)
    }

    private func check(_ unit: String, isOwn: Bool = true) throws(ConfigurationError) -> GatewayConfiguration {
        try GatewayConfiguration.check(
            path: folder.path + "/customersd.yaml",
            credentials: .unit(ServiceUnit(texts: ["[Service]\n" + unit]), isOwn: isOwn))
    }

    private func problems(_ unit: String) -> [String] {
        do {
            _ = try check(unit)
            return []
        } catch {
            return error.problems.map { folder.relative($0.description) }
        }
    }

    @Test("a secret is looked for where the unit has it from, and a bad one there is found")
    func moved() throws {
        try folder.write("acme.store", "from the store\n")
        unlink(folder.path + "/chat.password")
        let unit = "LoadCredential=chat.password:\(folder.path)/acme.store"
        guard case .password(_, let password) = try check(unit).chat.credential else {
            Issue.record("another sign-in")
            return
        }
        #expect(password.text == "from the store")
        try folder.write("acme.store", "truncated\n")
        #expect(
            problems("LoadCredential=seal.key:\(folder.path)/acme.store").contains { $0.contains("32 bytes in base64") }
        )
    }

    @Test("a file beside the configuration stands behind what the unit hands over, and before it for another daemon")
    func order() throws {
        try folder.write("other.key", "fedcba9876543210fedcba9876543210\n")
        let unit = "LoadCredential=token.key:\(folder.path)/other.key"
        #expect(try check(unit).tokens.key.text == "fedcba9876543210fedcba9876543210")
        #expect(try check(unit, isOwn: false).tokens.key.text == "0123456789abcdef0123456789abcdef")
        #expect(try check("").tokens.key.text == "0123456789abcdef0123456789abcdef")
        unlink(folder.path + "/token.key")
        #expect(try check(unit, isOwn: false).tokens.key.text == "fedcba9876543210fedcba9876543210")
    }

    @Test("a text in the unit is taken where there is no file, but an empty one is none")
    func text() throws {
        unlink(folder.path + "/token.key")
        #expect(
            try check("SetCredential=token.key:0123456789abcdef\\x30123456789abcdef\\n").tokens.key.text
                == "0123456789abcdef0123456789abcdef")
        #expect(
            problems("SetCredential=token.key:\\n") == [
                "customersd.yaml:2: tokens.key_file: cannot read token.key: No such file or directory"
            ])
    }

    @Test("a file is taken before the text, and where there is neither, that is an error for another daemon as well")
    func textAndFile() throws {
        let unit =
            "LoadCredential=token.key:\(folder.path)/token.key\nSetCredential=token.key:another-key-of-32-bytes-or-more-here"
        #expect(try check(unit).tokens.key.text == "0123456789abcdef0123456789abcdef")
        unlink(folder.path + "/chat.password")
        let empty = "LoadCredential=chat.password:/nowhere/x\nSetCredential=chat.password:\\n"
        for isOwn in [true, false] {
            #expect(throws: ConfigurationError.self) { try check(empty, isOwn: isOwn) }
        }
    }

    @Test("what only systemd can read is not judged, and that is said")
    func sealed() throws {
        let configuration = try check("LoadCredentialEncrypted=seal.key:\(folder.path)/seal.key")
        #expect(configuration.warnings.contains { $0.text.contains("its content was not looked at") })
    }

    @Test("a credential whose file is not there is an error, whoever uses it")
    func missing() {
        #expect(
            problems("LoadCredential=extra:/nowhere/extra") == [
                "customersd.service: LoadCredential: cannot read /nowhere/extra: No such file or directory; without extra systemd "
                    + "does not start the daemon"
            ])
    }

    @Test(
        "secrets that differ from those of the running daemon are named, and so is what would keep it from starting again"
    )
    func changes() throws {
        let running = try folder.load()
        func findings() -> [String] {
            NextStartCheck(
                running: running, path: folder.path + "/customersd.yaml",
                credentials: .unit(ServiceUnit(texts: []), isOwn: true)
            ).findings().map { folder.relative($0.line.prefix { $0 != "\n" }) }
        }
        #expect(findings().isEmpty)
        try folder.write("seal.key", "ISECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
        try folder.write("chat.password", "another\n")
        #expect(
            findings()
                == ["chat.password_file", "seal_key_file"].map {
                    "WARN   the next start will find another \($0) than the daemon runs with"
                })
        try folder.write("seal.key", "truncated\n")
        #expect(
            findings() == [
                "FAULT  the daemon runs, but could not be started again: customersd.yaml:3: seal_key_file: expected 32 bytes in "
                    + "base64, as \"openssl rand -base64 32\" prints"
            ])
    }
}
