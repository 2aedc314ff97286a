public import Customers
public import HTTPMessage
internal import Logging
internal import Metrics

/// The whole API: every path with its methods and the endpoint behind it (DESIGN.md section 2). One a loop.
public struct Routes: Sendable {
    typealias Endpoint = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private let table: [String: [String: Endpoint]]
    private let authPing: AuthPing
    private let crossOrigin: CrossOrigin
    private let services: Services
    private let failedCalls: FailedCalls?
    private let turnedAway = Counter(label: "customersd_turned_away_total")

    /// Wires the endpoints to the domain.
    ///
    /// `base` is scheme, host and port of the chat server as clients reach it, without a slash at the end.
    public init(
        services: Services, tenants: TenantDirectory, accessTokens: AccessTokenVerifier, issuer: AccessTokenIssuer,
        idempotency: Idempotency, failedCalls: FailedCalls? = nil, base: String
    ) {
        let crossOrigin = CrossOrigin(tenants: tenants)
        let authorization = Authorization(accessTokens: accessTokens, customers: services.customers, tenants: tenants)
        let authPing = AuthPing(authorization: authorization, crossOrigin: crossOrigin)
        let connect = Connect(
            authorization: authorization, crossOrigin: crossOrigin, connect: ConnectDirectly(services),
            idempotency: idempotency, base: base)
        let clientConnect = ClientConnect(
            tenants: tenants, crossOrigin: crossOrigin, start: StartSession(services), idempotency: idempotency,
            base: base)
        let history = HistoryMessage(
            authorization: authorization, crossOrigin: crossOrigin, read: ReadHistory(services))
        let shutdown = ShutdownService(
            authorization: authorization, crossOrigin: crossOrigin, close: CloseSession(services),
            idempotency: idempotency)
        let transfer = Transfer(
            authorization: authorization, crossOrigin: crossOrigin, transfer: TransferSession(services),
            idempotency: idempotency, base: base)
        let accessToken = AccessToken(
            tenants: tenants, crossOrigin: crossOrigin, issuer: issuer, idempotency: idempotency, now: services.now)
        table = [
            "/customers/auth_ping": ["GET": { try await authPing($0) }],
            "/customers/connect": ["POST": { try await connect($0) }],
            "/customers/client_connect": ["POST": { try await clientConnect($0) }],
            "/customers/history_message": ["GET": { try await history($0) }],
            "/customers/shutdown_service": ["POST": { try await shutdown($0) }],
            "/customers/Transfer": ["POST": { try await transfer($0) }],
            "/customers/transfer": ["POST": { try await transfer($0) }],
            "/customers/openapi.yaml": ["GET": { _ in OpenAPIDocument.response }],
            "/managers/access_token": ["GET": { try await accessToken($0) }, "POST": { try await accessToken($0) }],
        ]
        self.authPing = authPing
        self.crossOrigin = crossOrigin
        self.services = services
        self.failedCalls = failedCalls
    }

    /// Paths with their methods, sorted; what `openapi.yaml` must agree with.
    public var inventory: [String: [String]] { table.mapValues { $0.keys.sorted() } }

    /// Answers a request that needs nothing but what is known already: an `auth_ping` with a token that was good a
    /// moment ago. nil for all others; ``answer(_:)`` gives the same answer to any.
    public func answerAtOnce(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.method == "GET", request.path == AuthPing.path, var response = authPing.remembered(request) else {
            return nil
        }
        complete(&response, request)
        return response
    }

    /// Answers a request, whatever happens.
    public func answer(_ request: HTTPRequest) async -> HTTPResponse {
        var response: HTTPResponse
        do {
            response = try await dispatch(request)
        } catch {
            response = failure(error, request)
        }
        complete(&response, request)
        return response
    }

    /// Adds the fields that every answer has.
    private func complete(_ response: inout HTTPResponse, _ request: HTTPRequest) {
        response.headers.reserveCapacity(response.headers.count + 3)
        if response[.accessControlAllowOrigin] == nil, response.status != 403 {
            crossOrigin.mark(&response, for: request)
        }
        if response[.cacheControl] == nil { response.headers.append((.cacheControl, "no-store")) }
        response.headers.append((.contentTypeOptions, "nosniff"))
        response.headers.append((.requestID, request.requestID))
    }

    private func dispatch(_ request: HTTPRequest) async throws -> HTTPResponse {
        var path = request.path
        if path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        guard let methods = table[path] else { throw APIError.notFound }
        if request.method == "OPTIONS" {
            return crossOrigin.preflight(request, methods: Self.allowed(methods))
        }
        guard let endpoint = methods[request.method == "HEAD" ? "GET" : request.method] else {
            throw APIError.methodNotAllowed(Self.allowed(methods))
        }
        return try await endpoint(request)
    }

    private static func allowed(_ methods: [String: Endpoint]) -> [String] {
        (methods.keys + (methods["GET"] == nil ? [] : ["HEAD"])).sorted()
    }

    private func failure(_ error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        let known = APIError(error)
        var problem = known ?? .internalError
        if let guess = Guess(error, request), let seconds = failedCalls?.note(guess.caller) {
            problem = .tooManyRequests(seconds)
        }
        if problem.code == APIError.overloadedCode { turnedAway.increment() }
        if problem.status >= 500 {
            let level: Logger.Level = known == nil ? .error : .warning
            services.logger.log(
                level: level, "request failed",
                metadata: [
                    "request_id": "\(request.requestID)", "path": "\(request.path)", "status": "\(problem.status)",
                    "error": "\(error)",
                ])
        }
        return problem.response(request)
    }
}
