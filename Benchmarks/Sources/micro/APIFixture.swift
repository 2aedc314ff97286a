import Customers
import CustomersAPI
import CustomersRedis
import EventLoop
import HTTPClient
import HTTPMessage
import Logging
import RedisClient
import RocketChatBackend

/// The whole API layer as the daemon builds it, over a Redis and a chat server that are never asked.
struct APIFixture {
    private static let tenant = "8009bf1c-5fea-4221-b19a-fd4278fcb06f"
    private static let secret = Array("benchmark-token-key-of-48-bytes-0123456789abcdef".utf8)
    private static let now: Int64 = 1_800_000_000_000

    let token: String
    private let routes: Routes

    /// - Parameter remembers: whether tokens that were verified a moment ago are known again.
    /// - Throws: what the cryptography library or the event loop says.
    init(remembers: Bool) async throws {
        guard let id = TenantID(Self.tenant) else { throw CustomersError.notFound }
        let keys = try await AccessTokenKeys(secret: Self.secret)
        let tenants = TenantDirectory([Tenant(id: id, name: "Acme", secretKey: Self.secret)])
        let issuer = AccessTokenIssuer(keys: keys, lifetime: 43_200, scope: "rocket", now: { Self.now })
        let recent = VerifiedTokens()
        if remembers { recent.turnOn() }
        let loop = try EventLoop()
        let redis = RedisClient(
            loop: loop, configuration: RedisConfiguration(endpoint: .unix(path: "/")), logger: Self.logger)
        routes = Routes(
            services: Self.services(loop: loop, redis: redis), tenants: tenants,
            accessTokens: AccessTokenVerifier(
                keys: keys, scopes: ["rocket"], revocations: NothingRevoked(), tenants: tenants, recent: recent,
                now: { Self.now }),
            issuer: issuer,
            idempotency: Idempotency(
                store: RedisIdempotencyStore(redis), seal: AnswerSeal(key: Self.secret), logger: Self.logger),
            base: "https://chat.example.com")
        token = try await issuer.issue(for: id)
    }

    /// The status of an `auth_ping`.
    func authPing() async -> Int {
        let request = HTTPRequest(
            method: "GET", path: "/customers/auth_ping", headers: ["authorization": token], remoteAddress: "192.0.2.17",
            requestID: "2e0eee3ec852bfb5e5da22fde5ead208")
        // As the gateway asks.
        if let response = routes.answerAtOnce(request) { return response.status }
        return await routes.answer(request).status
    }

    private static let logger = Logger(label: "micro") { _ in SwiftLogNoOpLogHandler() }

    private static func services(loop: EventLoop, redis: RedisClient) -> Services {
        let chat = RocketChatBackend(
            configuration: RocketChatConfiguration(
                url: "http://127.0.0.1:1", credential: .password(username: "nobody", password: "")),
            client: HTTPClient(loop: loop), logger: logger)
        return Services(
            chat: chat, customers: RedisCustomerStore(redis, now: { now }), rooms: RedisRoomSessionStore(redis),
            agents: AgentBoard(chat: chat, store: RedisPresenceStore(redis)),
            absences: RedisAbsenceStore(redis), limiter: RedisRateLimiter(redis),
            limitPerAddress: nil, limitPerTenant: nil,
            naming: AccountNaming(key: secret, mode: .derived, emailDomain: "customers.invalid"),
            seal: TokenSeal(key: secret), now: { now }, sleep: { _ in }, logger: logger)
    }
}

/// Nothing is revoked, and to know it costs nothing.
struct NothingRevoked: RevocationStore {
    func isRevoked(_ jti: String) async throws -> Bool { false }
    func revoke(_ jti: String, seconds: Int) async throws {}
}
