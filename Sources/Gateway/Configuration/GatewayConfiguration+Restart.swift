extension GatewayConfiguration {
    /// The keys that have other values here than in the configuration that a process has started with, and that count
    /// from its next start on; in the order of README's table. Tenants and the log settings are not among them: a
    /// reload takes those.
    ///
    /// A key that is not set and follows another one (`chat.base` follows `chat.url`) is not named beside that one.
    func keysForRestart(since start: GatewayConfiguration) -> [String] {
        Self.keysOfStart.filter { $0.differs(self, start) }.map(\.name)
    }

    /// A key and how to tell whether it has changed.
    private struct KeyOfStart: Sendable {
        let name: String
        let differs: @Sendable (GatewayConfiguration, GatewayConfiguration) -> Bool

        /// With `follows`, which tells whether the key has the value that it has when it is not set.
        init<Value: Equatable & Sendable>(
            _ name: String, follows: @escaping @Sendable (GatewayConfiguration) -> Bool = { _ in false },
            _ value: @escaping @Sendable (GatewayConfiguration) -> Value
        ) {
            self.name = name
            differs = { value($0) != value($1) && !(follows($0) && follows($1)) }
        }
    }

    private static let keysOfStart = [
        KeyOfStart("listen") { $0.listen },
        KeyOfStart("allow") { $0.allow },
        KeyOfStart("workers") { $0.workers },
        KeyOfStart("control", follows: { $0.control == ControlSetting(listening: $0.listen) }) { $0.control },
        KeyOfStart("redis.url") { $0.redis.url },
        KeyOfStart("redis.username") { $0.redis.username },
        KeyOfStart("redis.password_file") { $0.redis.password },
        KeyOfStart("chat.kind") { $0.chat.kind },
        KeyOfStart("chat.url") { $0.chat.url },
        KeyOfStart("chat.base", follows: { $0.chat.base == $0.chat.url }) { $0.chat.base },
        KeyOfStart("chat.user_id") { $0.chat.credential.userID },
        KeyOfStart("chat.token_file") { $0.chat.credential.token },
        KeyOfStart("chat.username") { $0.chat.credential.username },
        KeyOfStart("chat.password_file") { $0.chat.credential.password },
        KeyOfStart("chat.customer_role") { $0.chat.customerRole },
        KeyOfStart("chat.customer_email_domain") { $0.chat.customerEmailDomain },
        KeyOfStart("chat.customer_password") { $0.chat.customerPassword },
        KeyOfStart("chat.create_token_secret_file") { $0.chat.createTokenSecret },
        KeyOfStart("chat.ca_file") { $0.chat.caFile },
        KeyOfStart("tokens.key_file") { $0.tokens.key },
        KeyOfStart("tokens.lifetime") { $0.tokens.lifetime },
        KeyOfStart("tokens.scopes") { $0.tokens.scopes },
        KeyOfStart("seal_key_file") { $0.sealKey },
        KeyOfStart("limits.client_connect_per_ip") { $0.limits.clientConnectPerAddress },
        KeyOfStart("limits.client_connect_per_tenant") { $0.limits.clientConnectPerTenant },
        KeyOfStart(
            "limits.client_connect_per_customer",
            follows: { $0.limits.clientConnectPerCustomer == $0.limits.clientConnectPerAddress }
        ) { $0.limits.clientConnectPerCustomer },
        KeyOfStart("limits.transfers_per_room") { $0.limits.transfersPerRoom },
        KeyOfStart("limits.failed_per_ip") { $0.limits.failedPerAddress },
        KeyOfStart("limits.chat_operations") { $0.limits.chatOperations },
        KeyOfStart("limits.body") { $0.limits.body },
    ]
}

extension ChatSettings.Credential {
    fileprivate var userID: String? {
        if case .token(let userID, _) = self { userID } else { nil }
    }
    fileprivate var token: SecretValue? {
        if case .token(_, let token) = self { token } else { nil }
    }
    fileprivate var username: String? {
        if case .password(let username, _) = self { username } else { nil }
    }
    fileprivate var password: SecretValue? {
        if case .password(_, let password) = self { password } else { nil }
    }
}
