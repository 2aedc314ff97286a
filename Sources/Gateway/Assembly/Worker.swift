internal import ChatBackend
internal import Customers
internal import CustomersAPI
internal import CustomersRedis
internal import EventLoop
internal import HTTPClient
internal import HTTPMessage
internal import Logging
internal import RedisClient
internal import RocketChatBackend

/// Everything that one loop owns: its Redis connection, its HTTP client, the domain over them, and the API. Nothing is
/// shared with another loop but what cannot change, and the tenants.
///
/// A class, so that looking one up for a request counts one reference and not those of all its parts.
final class Worker: Sendable {
    let loop: EventLoop
    let redis: RedisClient
    let http: HTTPClient
    let chat: RocketChatBackend
    let services: Services
    private let routes: Routes
    private let revocations: RedisRevocationStore
    private let news: RedisNews
    private let recent = VerifiedTokens()
    private let metrics: RequestMetrics
    private let accessLog: AccessLog
    private let logger: Logger

    init(
        loop: EventLoop, plan: GatewayPlan, accessLog: AccessLog = AccessLog(), redisLog: RedisLog? = nil,
        logger: Logger
    ) {
        self.accessLog = accessLog
        self.loop = loop
        self.logger = logger
        redis = RedisClient(loop: loop, configuration: plan.redis, log: redisLog ?? RedisLog(logger))
        http = HTTPClient(loop: loop, configuration: plan.http)
        chat = RocketChatBackend(configuration: plan.chat, client: http, logger: logger)
        let now: @Sendable () -> Int64 = WallClock.milliseconds
        let services = Services(
            chat: chat, customers: RedisCustomerStore(redis, now: now), rooms: RedisRoomSessionStore(redis),
            agents: AgentBoard(chat: chat, store: RedisPresenceStore(redis)) { try await loop.sleep(for: $0) },
            absences: RedisAbsenceStore(redis), limiter: RedisRateLimiter(redis), limitPerAddress: plan.limitPerAddress,
            limitPerTenant: plan.limitPerTenant, limitPerCustomer: plan.limitPerCustomer,
            limitPerTransfer: plan.limitPerTransfer,
            overload: Self.overload(loop: loop, redis: redis, capacity: plan.chatOperations), naming: plan.naming,
            seal: plan.seal, now: now, sleep: { try await loop.sleep(for: $0) },
            pause: { try await loop.sleep(for: $0) }, logger: logger, tally: DomainMetrics.tally)
        self.services = services
        revocations = RedisRevocationStore(redis)
        news = RedisNews(redis)
        routes = Routes(
            services: services, tenants: plan.tenants,
            accessTokens: AccessTokenVerifier(
                keys: plan.tokenKeys, scopes: plan.tokenScopes, revocations: revocations,
                tenants: plan.tenants, recent: recent, now: now),
            issuer: AccessTokenIssuer(
                keys: plan.tokenKeys, lifetime: plan.tokenLifetime, scope: plan.tokenScope, now: now),
            idempotency: Idempotency(
                store: RedisIdempotencyStore(redis), seal: plan.answerSeal, limiter: services.limiter, logger: logger),
            failedCalls: FailedCalls(
                limiter: services.limiter, limit: plan.limitOfFailures, executor: loop, now: now),
            base: plan.base)
        metrics = RequestMetrics(paths: routes.inventory.keys)
    }

    private static func overload(loop: EventLoop, redis: RedisClient, capacity: Int) -> Overload {
        let delay = LoopDelay(loop: loop, redis: redis)
        return Overload(
            capacity: capacity, executor: loop, delay: { await delay.milliseconds() },
            uptime: { Int64(loop.now / 1_000_000) }, sleep: { try await loop.sleep(for: $0) })
    }

    /// Connects to Redis and listens to the fleet's news.
    ///
    /// - Parameter heard: is told of each.
    /// - Returns: what listens until it is cancelled.
    func start(_ heard: @escaping @Sendable (RedisNews.Item) -> Void = { _ in }) -> Task<Void, Never> {
        redis.start()
        return Task(executorPreference: loop) { [news, recent] in
            await news.follow { item in
                switch item {
                case .up: recent.turnOn()
                case .down: recent.turnOff()
                case .revoked(let jti): recent.forget(jti)
                case .rooms: break
                }
                heard(item)
            }
        }
    }

    /// Whether verified access tokens are remembered at the moment.
    var isNearCacheOn: Bool { recent.isOn }

    /// Answers a request that needs nothing but what this loop knows already; nil for all others. On the loop.
    func answerAtOnce(_ request: HTTPRequest) -> HTTPResponse? {
        let begun = loop.now
        guard let response = routes.answerAtOnce(request) else { return nil }
        record(request, response, since: begun)
        keepTrust()
        return response
    }

    /// Asks Redis for a sign of life before the one that remembered tokens live on is too old, so that under load none
    /// of them has to be verified anew for that.
    private func keepTrust() {
        guard recent.beginsRenewal(now: WallClock.milliseconds()) else { return }
        Task(executorPreference: loop) { [revocations, recent] in
            // Any question will do; a Redis that does not answer is the business of those who need it.
            guard (try? await revocations.isRevoked("-")) != nil else { return }
            recent.storeAnswered(at: WallClock.milliseconds())
        }
    }

    /// Answers a request, on the loop.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let begun = loop.now
        let response = await ChatRequestID.$current.withValue(request.requestID) {
            await ChatDeadline.$current.withValue(.now + ChatDeadline.total) { await routes.answer(request) }
        }
        record(request, response, since: begun)
        return response
    }

    private func record(_ request: HTTPRequest, _ response: HTTPResponse, since begun: UInt64) {
        let nanoseconds = loop.now &- begun
        metrics.record(path: request.path, status: response.status, nanoseconds: nanoseconds)
        accessLog.write(request, status: response.status, nanoseconds: nanoseconds, to: logger)
    }
}
