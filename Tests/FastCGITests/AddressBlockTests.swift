import FastCGI
import Testing

@Suite("Address block")
struct AddressBlockTests {
    @Test(
        "it holds what begins with its bits",
        arguments: [
            ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false), ("10.0.0.7", "::ffff:10.0.0.7", true),
            ("10.0.0.0/24", "10.0.0.255", true), ("10.0.0.0/24", "10.0.1.0", false),
            ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false), ("128.0.0.0/1", "255.0.0.1", true),
            ("128.0.0.0/1", "127.0.0.1", false), ("128.0.0.0/1", "8000::1", false),
            ("fd00:1::/64", "fd00:1::ffff", true), ("fd00:1::/64", "fd00:1:0:1::", false), ("::1", "::1", true),
            ("::1", "127.0.0.1", false), ("10.0.0.0/24", "nonsense", false), ("10.0.0.0/24", "", false),
        ])
    func holds(block: String, address: String, isHeld: Bool) throws {
        #expect(try AddressBlock(block).contains(address) == isHeld)
        #expect(try AddressBlock(block).description == block)
    }

    @Test(
        "anything else is refused with a hint",
        arguments: [
            ("web1", "is no IP address"), ("", "is no IP address"), ("10.0.0", "is no IP address"),
            ("[::1]", "is no IP address"), ("10.0.0.7:9001", "is no IP address"), ("/24", "is no IP address"),
            ("10.0.0.0/33", "from 1 to 32"), ("10.0.0.0/", "from 1 to 32"), ("10.0.0.0/+8", "from 1 to 32"),
            ("10.0.0.0/8/8", "from 1 to 32"), ("fd00::/129", "from 1 to 128"), ("0.0.0.0/0", "everybody"),
            ("::/0", "everybody"), ("10.0.0.7/24", "bits set after its first 24"),
            ("fd00::1/64", "fd00::1 for that one"),
        ])
    func refused(text: String, hint: String) {
        let error = #expect(throws: FastCGIError.self) { try AddressBlock(text) }
        #expect(error?.code == .badAddress)
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
        #expect(error?.message.contains("\"\(text)\"") == true)
    }
}
