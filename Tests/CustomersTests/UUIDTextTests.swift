@testable import Customers
import Testing

@Suite("UUIDs")
struct UUIDTextTests {
    @Test("dashed or plain, in any case, a UUID is one id")
    func normalised() {
        let normal = "8009bf1c-5fea-4221-b19a-fd4278fcb06f"
        for text in [
            normal, normal.uppercased(), "8009bf1c5fea4221b19afd4278fcb06f", "8009BF1C5FEA4221b19afd4278fcb06f",
        ] {
            #expect(TenantID(text)?.text == normal)
            #expect(DepartmentID(text)?.text == normal)
        }
        #expect(TenantID(normal)?.undashed == "8009bf1c5fea4221b19afd4278fcb06f")
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "8009bf1c", "8009bf1c-5fea-4221-b19a-fd4278fcb06", "8009bf1c-5fea-4221-b19a-fd4278fcb06f0",
            "8009bf1c_5fea_4221_b19a_fd4278fcb06f", "8009bf1c-5fea-4221-b19afd4278fcb06f0-",
            "{8009bf1c5fea4221b19afd4278fcb0}",
            "8009bf1c-5fea-4221-b19a-fd4278fcb06g", " 8009bf1c5fea4221b19afd4278fcb06",
            "8009bf1c5fea4221b19afd4278fcb06é",
            "8009bf1c55fea-422-b19a-fd4278fcb06f", "--------------------------------", "８009bf1c5fea4221b19afd4278fc",
        ])
    func refused(_ text: String) { #expect(TenantID(text) == nil) }

    @Test("the derived id is RFC 9562's version 5: appendix A.4, and Python's uuid5")
    func derived() throws {
        // RFC 9562 appendix A.4: the DNS name space and www.example.com.
        let dns = try #require(TenantID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        #expect(UUIDText.derived(namespace: dns, name: "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
        // uuid.uuid5(uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "python.org")
        #expect(UUIDText.derived(namespace: dns, name: "python.org") == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    }

    @Test("a customer's user id needs nothing but tenant, trust and name")
    func userID() throws {
        let tenant = try DomainFixture.id()
        let name = try #require(CustomerName("bob"))
        let ids = [CustomerKey.Trust.guest, .claimed, .verified].map {
            CustomerKey(tenant: tenant, trust: $0, name: name).userID
        }
        #expect(Set(ids).count == 3)
        #expect(ids[1] == CustomerKey(tenant: tenant, trust: .claimed, name: name).userID)
        for id in ids { #expect(TenantID(id)?.text == id) }
        let other = try DomainFixture.id("11111111-1111-4111-8111-111111111111")
        #expect(CustomerKey(tenant: other, trust: .claimed, name: name).userID != ids[1])
    }
}
