/// `customersd.yaml` as a test wants it (DESIGN.md section 6).
public struct GatewayTestConfiguration: Sendable {
    /// Event loops.
    public var workers = 2
    /// `debug` logs every request.
    public var logLevel = "debug"
    /// What clients get as `base`; nil leaves the line out.
    public var base: String? = "https://chat.example.com"
    /// `derived` or `documented`.
    public var customerPassword = "derived"
    /// Seconds that an access token lives.
    public var lifetime = 43_200
    /// Accepted scopes.
    public var scopes: [String] = ["rocket"]
    /// Far above what a test does, unless the test is about limits.
    public var perAddress = "100000/min"
    /// As `perAddress`, for a tenant.
    public var perTenant = "100000/min"
    /// More lines for the `chat` section.
    public var chatLines: [String] = []
    /// More lines for the `limits` section.
    public var limitLines: [String] = []
    /// More lines for the `tokens` section.
    public var tokenLines: [String] = []

    /// The usual configuration of the tests.
    public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

    /// The file; keys and the chat server's password are expected in files beside it.
    public func yaml(folder: String, socket: String, redis: String, chat: String) -> String {
        """
        listen: \(socket)
        workers: \(workers)
        log_level: \(logLevel)
        redis:
          url: \(redis)
        chat:
          kind: rocketchat
          url: \(chat)
          \(base.map { "base: \($0)" } ?? "")
          username: gateway
          password_file: \(folder)/chat.password
          customer_role: user
          customer_email_domain: customers.invalid
          customer_password: \(customerPassword)
          \(chatLines.joined(separator: "\n  "))
        tokens:
          key_file: \(folder)/token.key
          lifetime: \(lifetime)
          scopes: [\(scopes.joined(separator: ", "))]
          \(tokenLines.joined(separator: "\n  "))
        seal_key_file: \(folder)/seal.key
        tenants: \(folder)/tenants.d
        limits:
          client_connect_per_ip: \(perAddress)
          client_connect_per_tenant: \(perTenant)
          body: 65536
          \(limitLines.joined(separator: "\n  "))

        """
    }
}
