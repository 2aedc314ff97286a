/// What callers may do how often (`limits`).
public struct LimitSettings: Sendable, Equatable {
    /// `client_connect` from one address; nil is no limit.
    public var clientConnectPerAddress: CallRate?
    /// `client_connect` to one tenant; nil is no limit.
    public var clientConnectPerTenant: CallRate?
    /// The longest request body in bytes, 1,024–65,536.
    public var body: Int

    /// Makes limits; the defaults are those of a small production host.
    public init(
        clientConnectPerAddress: CallRate? = CallRate(count: 30, seconds: 60),
        clientConnectPerTenant: CallRate? = CallRate(count: 600, seconds: 60), body: Int = 65_536
    ) {
        self.clientConnectPerAddress = clientConnectPerAddress
        self.clientConnectPerTenant = clientConnectPerTenant
        self.body = body
    }

    init(_ section: SettingsSection) {
        let defaults = LimitSettings()
        clientConnectPerAddress = section.rate("client_connect_per_ip", default: defaults.clientConnectPerAddress)
        clientConnectPerTenant = section.rate("client_connect_per_tenant", default: defaults.clientConnectPerTenant)
        body = section.integer("body", of: "bytes", in: 1_024...65_536, default: defaults.body)
    }
}
