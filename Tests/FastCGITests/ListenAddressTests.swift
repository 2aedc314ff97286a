import FastCGI
import Testing

@Suite("Listen address")
struct ListenAddressTests {
    @Test("the four forms are read")
    func forms() throws {
        #expect(try ListenAddress("/run/x.sock") == .unix(path: "/run/x.sock"))
        #expect(try ListenAddress("unix:/run/x.sock") == .unix(path: "/run/x.sock"))
        #expect(try ListenAddress("127.0.0.1:9001") == .ipv4(host: "127.0.0.1", port: 9_001))
        #expect(try ListenAddress("[::1]:9001") == .ipv6(host: "::1", port: 9_001))
    }

    @Test("a form that is read is written the same", arguments: ["/run/x.sock", "127.0.0.1:9001", "[::1]:9001"])
    func description(_ text: String) throws {
        #expect(try "\(ListenAddress(text))" == text)
    }

    @Test(
        "anything else is refused with a hint",
        arguments: [
            "", "unix:", "unix:relative", "/", "/run/", "relative.sock", "9001", ":9001", "localhost:9001", "127.0.0.1",
            "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "::1:9001", "[::1]", "[127.0.0.1]:1",
            "256.0.0.1:1", "/" + String(repeating: "x", count: 107),
        ])
    func refused(_ text: String) {
        let error = #expect(throws: FastCGIError.self) { try ListenAddress(text) }
        #expect(error?.code == .badAddress)
        #expect(error?.message.contains("\"\(text)\"") == true)
    }

    @Test("local is what no other machine can reach")
    func local() throws {
        for text in ["/run/x", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[0:0::1]:1"] {
            #expect(try ListenAddress(text).isLocal)
        }
        for text in ["0.0.0.0:1", "192.0.2.1:1", "[::]:1", "[fe80::1]:1"] {
            #expect(try !ListenAddress(text).isLocal)
        }
    }
}
