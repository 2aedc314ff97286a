import ChatBackend
@testable import Customers
import Testing

@Suite("Account naming")
struct AccountNamingTests {
    private let naming = AccountNaming(key: DomainFixture.serverKey, mode: .derived, emailDomain: "customers.invalid")

    private func key(_ name: String, _ trust: CustomerKey.Trust, tenant: String = DomainFixture.tenantID) throws
        -> CustomerKey
    {
        CustomerKey(tenant: try DomainFixture.id(tenant), trust: trust, name: try #require(CustomerName(name)))
    }

    @Test("a vouched plain name gets the documented account name: name and tenant id")
    func documented() throws {
        let accounts = naming.accounts(for: try key("suzhouxiaofangshuan", .verified))
        #expect(accounts.first?.username == "suzhouxiaofangshuan8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        #expect(accounts.first?.name == "suzhouxiaofangshuan")
        #expect(accounts.count == 3)
    }

    @Test("claimed names and guests never get the documented account")
    func claimed() throws {
        for trust in [CustomerKey.Trust.claimed, .guest] {
            let accounts = naming.accounts(for: try key("bob", trust))
            #expect(accounts.count == 2)
            #expect(accounts.allSatisfy { !$0.username.hasSuffix(DomainFixture.tenantID) })
        }
    }

    @Test(
        "every account name fits the chat server's alphabet", arguments: ["张三", "bob", "Zoë Ω", "a b", "👩‍👩‍👧", "...", "'"])
    func alphabet(_ name: String) throws {
        for trust in [CustomerKey.Trust.claimed, .guest, .verified] {
            for account in naming.accounts(for: try key(name, trust)) {
                #expect(
                    account.username.utf8.allSatisfy {
                        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-".utf8.contains($0)
                    })
                #expect(account.username.utf8.count <= 100)
                #expect(account.name == name)
            }
        }
    }

    @Test("no documented name can be a hashed one, whatever the customer is called")
    func disjoint() throws {
        let hashed = try #require(naming.accounts(for: try key("bob", .claimed)).last?.username)
        // The most that an attacker can choose is what stands before the tenant id.
        #expect(!hashed.hasSuffix(DomainFixture.tenantID))
        #expect(hashed.hasSuffix("8009bf1c5fea4221b19afd4278fcb06f"))
        let imitation = String(hashed.prefix(64))
        #expect(!naming.accounts(for: try key(imitation, .verified)).map(\.username).contains(hashed))
    }

    @Test("with another key only the last name is another one")
    func otherKey() throws {
        let other = AccountNaming(key: Array(repeating: 8, count: 32), mode: .derived, emailDomain: "customers.invalid")
        for trust in [CustomerKey.Trust.claimed, .guest, .verified] {
            let names = naming.accounts(for: try key("bob", trust)).map(\.username)
            let others = other.accounts(for: try key("bob", trust)).map(\.username)
            #expect(names.dropLast() == others.dropLast() && names.last != others.last)
        }
    }

    @Test("trust, tenant and letter case each make another account")
    func distinct() throws {
        var names: [String] = []
        for trust in [CustomerKey.Trust.claimed, .guest, .verified] {
            for name in ["bob", "Bob", "BOB"] {
                for tenant in [DomainFixture.tenantID, "11111111-1111-4111-8111-111111111111"] {
                    names.append(
                        try #require(naming.accounts(for: try key(name, trust, tenant: tenant)).last).username
                            .lowercased())
                }
            }
        }
        #expect(Set(names).count == names.count)
    }

    @Test("e-mail addresses are unique to an account and tell nothing")
    func email() throws {
        let mails = try ["bob", "Bob"].flatMap { naming.accounts(for: try key($0, .verified)).map(\.email) }
        #expect(Set(mails).count == 6)
        for mail in mails {
            #expect(mail.hasPrefix("c-") && mail.hasSuffix("@customers.invalid"))
            #expect(!mail.contains("bob"))
        }
    }

    @Test("a derived password is HMAC-SHA256 of the server key, with every class of character")
    func derivedPassword() throws {
        let password = naming.password(for: "bob8009bf1c-5fea-4221-b19a-fd4278fcb06f")
        // base64.urlsafe_b64encode(hmac.new(b"\x07" * 32, b"chat-password/v1bob8009bf1c-…", "sha256").digest())
        #expect(password == "_UV3facAta0dTNIgJENsW6jnxkLIn2fZDm7X-rbZ6joaA1!")
        let other = AccountNaming(key: Array(repeating: 8, count: 32), mode: .derived, emailDomain: "x")
        #expect(other.password(for: "bob") != naming.password(for: "bob"))
    }

    @Test("the documented password only on demand, and then old accounts are adopted")
    func documentedPassword() throws {
        let naming = AccountNaming(key: DomainFixture.serverKey, mode: .documented, emailDomain: "customers.invalid")
        let account = try #require(naming.accounts(for: try key("bob", .verified)).first)
        #expect(account.password == "HelloWorld1@#")
        #expect(account.adoptsAnyEmail)
        #expect(try !#require(self.naming.accounts(for: try key("bob", .verified)).first).adoptsAnyEmail)
    }

    @Test("group names are plain, readable, and another for every department, customer and server key")
    func groups() throws {
        let fixture = try DomainFixture()
        let (bob, wang) = (try key("Bob", .claimed), try key("王", .claimed))
        let names = [
            naming.groupName(department: fixture.salesDepartment, customer: bob),
            naming.groupName(department: fixture.supportDepartment, customer: bob),
            naming.groupName(department: fixture.salesDepartment, customer: wang),
            AccountNaming(key: [1], mode: .derived, emailDomain: "x").groupName(
                department: fixture.salesDepartment, customer: bob),
        ]
        #expect(Set(names).count == 4)
        #expect(names[0].hasPrefix("sales_bob_"))
        #expect(names[1].hasPrefix("c_bob_"))
        #expect(names[2].hasPrefix("sales_c_"))
        #expect(
            AccountNaming.displayName(department: fixture.supportDepartment, customer: wang.name)
                == "售后_王_\(DomainFixture.support)")
    }

    @Test("base64 with the URL alphabet, unpadded (RFC 4648 section 10)")
    func base64() {
        let vectors = [
            "": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE", "foobar": "Zm9vYmFy",
        ]
        for (text, code) in vectors { #expect(Array(text.utf8).base64URL == code) }
        #expect(([0xfb, 0xff, 0xbf] as [UInt8]).base64URL == "-_-_")
    }
}
