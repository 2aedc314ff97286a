@testable import Customers
import Testing

@Suite("Client address")
struct ClientAddressTests {
    @Test("an IPv4 address counts by itself, also when it comes mapped")
    func version4() {
        #expect(ClientAddress.bucket("192.0.2.1") == "192.0.2.1")
        #expect(ClientAddress.bucket("::ffff:192.0.2.1") == "192.0.2.1")
        #expect(ClientAddress.bucket("::ffff:c000:201") == "192.0.2.1")
    }

    @Test("an IPv6 address counts by its /64")
    func version6() {
        #expect(ClientAddress.bucket("2001:db8:1:2::1") == "20010db800010002/64")
        #expect(ClientAddress.bucket("2001:db8:1:2:ffff::9") == ClientAddress.bucket("2001:0db8:1:2::1"))
        #expect(ClientAddress.bucket("2001:db8:1:3::1") != ClientAddress.bucket("2001:db8:1:2::1"))
    }

    @Test("what is no address counts as itself", arguments: ["", "unix:", "2001:db8::1%eth0", ":::"])
    func other(_ text: String) { #expect(ClientAddress.bucket(text) == text) }
}
