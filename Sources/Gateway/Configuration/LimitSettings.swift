/// What callers may do how often (`limits`).
public struct LimitSettings: Sendable, Equatable {
    /// `client_connect` from one address; nil is no limit.
    public var clientConnectPerAddress: CallRate?
    /// `client_connect` to one tenant; nil is no limit.
    public var clientConnectPerTenant: CallRate?
    /// `client_connect` of one customer who proves to be one; nil is no limit. By default as from one address.
    public var clientConnectPerCustomer: CallRate?
    /// Calls from one address that fail for want of a good token, key, signature or room; nil is no limit.
    public var failedPerAddress: CallRate?
    /// Transfers of one room; nil is no limit.
    public var transfersPerRoom: CallRate?
    /// Operations that one loop has under way with the chat server, 8–15,000.
    public var chatOperations: Int
    /// The longest request body in bytes, 1,024–65,536.
    public var body: Int

    /// Makes limits; the defaults are those of a small production host, for a customer as for an address.
    public init(
        clientConnectPerAddress: CallRate? = CallRate(count: 30, seconds: 60),
        clientConnectPerTenant: CallRate? = CallRate(count: 600, seconds: 60),
        clientConnectPerCustomer: CallRate?? = nil,
        failedPerAddress: CallRate? = CallRate(count: 600, seconds: 60),
        transfersPerRoom: CallRate? = CallRate(count: 20, seconds: 600),
        chatOperations: Int = 12_288, body: Int = 65_536
    ) {
        self.clientConnectPerAddress = clientConnectPerAddress
        self.clientConnectPerTenant = clientConnectPerTenant
        self.clientConnectPerCustomer = clientConnectPerCustomer ?? clientConnectPerAddress
        self.failedPerAddress = failedPerAddress
        self.transfersPerRoom = transfersPerRoom
        self.chatOperations = chatOperations
        self.body = body
    }

    static let keys = [
        "client_connect_per_ip", "client_connect_per_tenant", "client_connect_per_customer", "failed_per_ip",
        "transfers_per_room", "chat_operations", "body",
    ]

    init(_ section: SettingsSection) {
        let defaults = LimitSettings()
        clientConnectPerAddress = section.rate("client_connect_per_ip", default: defaults.clientConnectPerAddress)
        clientConnectPerTenant = section.rate("client_connect_per_tenant", default: defaults.clientConnectPerTenant)
        clientConnectPerCustomer = section.rate("client_connect_per_customer", default: clientConnectPerAddress)
        failedPerAddress = section.rate("failed_per_ip", default: defaults.failedPerAddress)
        transfersPerRoom = section.rate("transfers_per_room", default: defaults.transfersPerRoom)
        chatOperations = section.integer(
            "chat_operations", of: "operations", in: 8...15_000, default: defaults.chatOperations)
        body = section.integer("body", of: "bytes", in: 1_024...65_536, default: defaults.body)
    }
}
