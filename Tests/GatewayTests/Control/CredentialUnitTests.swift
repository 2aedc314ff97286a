import Testing

@testable import Gateway

@Suite("Credentials of the unit")
struct CredentialUnitTests {
    @Test("the files that systemd hands over are found, and nothing else")
    func files() {
        let unit = """
            [Service]
            # LoadCredential=no:/etc/no
            ExecStart=/usr/sbin/customersd --config /etc/customersd/customersd.yaml
            LoadCredential=token.key:/etc/customersd/token.key
            LoadCredentialEncrypted=seal.key:/etc/customersd/seal.cred
            LoadCredential=inherited
            SetCredential=chat.password:text
            """
        #expect(CredentialUnit.files(in: unit) == ["/etc/customersd/token.key", "/etc/customersd/seal.cred"])
        #expect(CredentialUnit.files(in: "").isEmpty)
    }
}
