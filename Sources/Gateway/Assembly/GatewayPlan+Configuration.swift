internal import Customers
internal import CustomersAPI
internal import HTTPClient
internal import RedisClient
internal import RocketChatBackend

extension GatewayPlan {
    /// Translates a configuration.
    ///
    /// - Throws: ``ConfigurationError`` for what this version cannot do, or for a key that the cryptography library
    ///   refuses.
    init(_ configuration: GatewayConfiguration, file: String, tenants: TenantDirectory) async throws(ConfigurationError)
    {
        redis = Self.redis(configuration.redis)
        http = HTTPClientConfiguration()
        http.trustedRootsFile = configuration.chat.caFile
        chat = RocketChatConfiguration(url: configuration.chat.url, credential: Self.credential(configuration.chat))
        chat.customerRole = configuration.chat.customerRole
        chat.createTokenSecret = configuration.chat.createTokenSecret?.text
        base = configuration.chat.base
        do {
            tokenKeys = try await AccessTokenKeys(secret: configuration.tokens.key.bytes)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(file: file, key: "tokens.key_file", text: "cannot be used: \(error)")
            ])
        }
        tokenScopes = Set(configuration.tokens.scopes)
        tokenScope = configuration.tokens.scopes.first ?? "rocket"
        tokenLifetime = configuration.tokens.lifetime
        naming = AccountNaming(
            key: configuration.sealKey.bytes,
            mode: configuration.chat.customerPassword == .documented ? .documented : .derived,
            emailDomain: configuration.chat.customerEmailDomain)
        seal = TokenSeal(key: configuration.sealKey.bytes)
        answerSeal = AnswerSeal(key: configuration.sealKey.bytes)
        limitPerAddress = RateLimit(configuration.limits.clientConnectPerAddress)
        limitPerTenant = RateLimit(configuration.limits.clientConnectPerTenant)
        limitPerCustomer = RateLimit(configuration.limits.clientConnectPerCustomer)
        limitPerTransfer = RateLimit(configuration.limits.transfersPerRoom)
        chatOperations = configuration.limits.chatOperations
        limitOfFailures = RateLimit(configuration.limits.failedPerAddress)
        self.tenants = tenants
    }

    private static func credential(_ chat: ChatSettings) -> RocketChatCredential {
        switch chat.credential {
        case .token(let userID, let token): .personalAccessToken(userID: userID, token: token.text ?? "")
        case .password(let username, let password): .password(username: username, password: password.text ?? "")
        }
    }

    private static func redis(_ settings: RedisSettings) -> RedisConfiguration {
        RedisConfiguration(
            url: settings.url,
            credential: settings.password.flatMap(\.text).map {
                RedisCredential(username: settings.username, password: $0)
            })
    }
}

extension RateLimit {
    /// The limit of a setting; nil for none.
    fileprivate init?(_ rate: CallRate?) {
        guard let rate else { return nil }
        self.init(count: rate.count, seconds: rate.seconds)
    }
}
