import Testing

@testable import Gateway

@Suite("Control setting")
struct ControlSettingTests {
    @Test(
        "without a setting the socket lies beside the one for FastCGI",
        arguments: [
            ("/run/customersd/fcgi.sock", "/run/customersd/control.sock"),
            ("/tmp/x/fcgi1.sock", "/tmp/x/control1.sock"),
            ("/srv/gateway.sock", "/srv/gateway.sock.control"), ("127.0.0.1:9001", "/run/customersd/control.sock"),
        ])
    func besides(listen: String, control: String) throws {
        let listen = try #require(ListenSetting(listen))
        #expect(ControlSetting(besides: listen).path == control)
    }

    @Test("it can be switched off or put elsewhere")
    func setting() {
        #expect(ControlSetting("off") == .off)
        #expect(ControlSetting("/run/c.sock")?.path == "/run/c.sock")
        #expect(ControlSetting("127.0.0.1:80") == nil)
        #expect(ControlSetting("c.sock") == nil)
    }

    @Test("the configuration knows it, and the log of requests")
    func configuration() throws {
        let folder = try ConfigurationFolder()
        try folder.write("customersd.yaml", ConfigurationFolder.minimal + "control: off\naccess_log: on\n")
        let configuration = try GatewayConfiguration.load(path: folder.path + "/customersd.yaml", environment: [:])
        #expect(configuration.control == .off)
        #expect(configuration.accessLog == .on)
        try folder.write("customersd.yaml", ConfigurationFolder.minimal + "control: 0\naccess_log: yes\n")
        let error = #expect(throws: ConfigurationError.self) {
            try GatewayConfiguration.load(path: folder.path + "/customersd.yaml", environment: [:])
        }
        #expect(error?.problems.map(\.key).sorted() == ["access_log", "control"])
    }
}
