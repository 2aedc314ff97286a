import ChatBackend
import Crypto
@testable import Customers
@testable import CustomersAPI
import HTTPMessage
import JWTKit
import Logging
import Synchronization
import TestSupport

/// The whole API over a chat server and stores in memory, with two tenants.
struct APIFixture {
    static let acme = "8009bf1c-5fea-4221-b19a-fd4278fcb06f"
    static let other = "11111111-1111-4111-8111-111111111111"
    static let sales = "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b"
    static let support = "d2646257-3107-4441-81fd-305101a3bc2e"
    static let secret = Array("3WsQAyIVHG7mQAHwURktAkLPMy622Has".utf8)
    static let tokenKey = Array("a key for tests, long enough for HS256".utf8)
    static let shop = "https://shop.example.com"
    static let seconds: Int64 = 1_700_000_000

    let chat = ScriptedChatBackend(agents: ["anna": .online, "ben": .online, "cleo": .online])
    let stores = MemoryStores()
    let tenants: TenantDirectory
    let verifier: AccessTokenVerifier
    /// Off, until a test turns it on.
    let recent = VerifiedTokens()
    let issuer: AccessTokenIssuer
    let routes: Routes
    let log = LogLines()

    /// The lines that were logged.
    final class LogLines: Sendable {
        let lines = Mutex<[String]>([])
        var all: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    struct LogLinesHandler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let text = "\(event.level) \(event.message) \(event.metadata ?? [:])"
            lines.lines.withLock { $0.append(text) }
        }
    }

    struct Missing: Error {}

    static func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }

    init(
        identity: IdentityPolicy = .claimed(secret: nil), requiresTimestamp: Bool = false, close: ClosePolicy = .delete,
        publicKeyPEM: String? = nil, perAddress: RateLimit? = nil
    ) async throws {
        func department(_ id: String, _ name: String, _ agents: [String], isDefault: Bool = false) throws -> Department
        {
            Department(
                id: try Self.need(DepartmentID(id)), name: name, isDefault: isDefault,
                agents: agents.map { Agent(username: $0, capacity: 9) }, settings: ClientSettings(timeout: 90))
        }
        let acme = Tenant(
            id: try Self.need(TenantID(Self.acme)), name: "Acme", secretKey: Self.secret,
            requiresTimestamp: requiresTimestamp,
            identity: identity, origins: [Self.shop], closePolicy: close,
            departments: [
                try department(Self.sales, "depart1", ["anna"], isDefault: true),
                try department(Self.support, "部门", ["ben", "cleo"]),
            ], settings: ClientSettings(config: Array(#"{"theme":"dark"}"#.utf8)))
        let other = Tenant(
            id: try Self.need(TenantID(Self.other)), name: "Other", secretKey: Array("x".utf8),
            origins: ["https://other.example.com"])
        tenants = TenantDirectory([acme, other])
        let keys = try await AccessTokenKeys(secret: Self.tokenKey, publicKeyPEM: publicKeyPEM)
        let now: @Sendable () -> Int64 = { Self.seconds * 1_000 }
        let handler = LogLinesHandler(lines: log)
        verifier = AccessTokenVerifier(
            keys: keys, scopes: ["rocket"], revocations: stores, tenants: tenants, recent: recent, now: now)
        issuer = AccessTokenIssuer(keys: keys, lifetime: 43_200, scope: "rocket", now: now)
        routes = Routes(
            services: Services(
                chat: chat, customers: stores, rooms: stores, agents: AgentBoard(chat: chat, store: stores),
                absences: stores,
                limiter: stores,
                limitPerAddress: perAddress, limitPerTenant: nil,
                naming: AccountNaming(key: Self.tokenKey, mode: .derived, emailDomain: "customers.invalid"),
                seal: TokenSeal(key: Self.tokenKey), now: now,
                uptime: { [start = ContinuousClock.now] in start }, sleep: { _ in await Task.yield() },
                logger: Logger(label: "test") { _ in handler }),
            tenants: tenants, accessTokens: verifier, issuer: issuer,
            idempotency: Idempotency(
                store: stores, seal: AnswerSeal(key: Self.tokenKey), limiter: stores,
                logger: Logger(label: "test") { _ in handler }), base: "https://chat.example.com")
    }

    /// A good access token of the tenant.
    func token(_ tenant: String = acme) async throws -> String {
        try await issuer.issue(for: Self.need(TenantID(tenant)))
    }

    /// Calls with a form in the body, or in the query string of a GET.
    func call(
        _ method: String, _ path: String, _ fields: [String: String] = [:], token: String? = nil, origin: String? = nil
    ) async -> HTTPResponse {
        let text = fields.sorted { $0.key < $1.key }.map { "\(Self.escape($0))=\(Self.escape($1))" }.joined(
            separator: "&")
        var headers: [String: String] = [:]
        if let token { headers["authorization"] = token }
        if let origin { headers["origin"] = origin }
        var request = HTTPRequest(
            method: method, path: path, headers: headers, remoteAddress: "192.0.2.1", requestID: "req-1")
        if method == "GET" || method == "HEAD" {
            request.query = text
        } else if !text.isEmpty {
            request.headers["content-type"] = "application/x-www-form-urlencoded"
            request.body = Array(text.utf8)
        }
        return await routes.answer(request)
    }

    /// Calls with any body.
    func post(_ path: String, type: String?, body: String, token: String? = nil) async -> HTTPResponse {
        var headers: [String: String] = [:]
        headers["content-type"] = type
        headers["authorization"] = token
        return await routes.answer(
            HTTPRequest(
                method: "POST", path: path, headers: headers, body: Array(body.utf8), remoteAddress: "192.0.2.1",
                requestID: "req-1"))
    }

    func clientConnect(_ name: String? = nil, _ more: [String: String] = [:], token: String? = nil) async
        -> HTTPResponse
    {
        var fields = more.merging(["api_key": Self.acme]) { given, _ in given }
        if let name { fields["name"] = name }
        return await call("POST", "/customers/client_connect", fields, token: token)
    }

    private static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    static func base64URL(_ bytes: some Sequence<UInt8>) -> String { Array(bytes).base64URL }

    /// A token with this header and these claims as they stand, signed with HMAC-SHA256.
    static func jwt(header: String = #"{"alg":"HS256","typ":"JWT"}"#, claims: String, key: [UInt8] = tokenKey) -> String
    {
        let signed = base64URL(header.utf8) + "." + base64URL(claims.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: key))
        return signed + "." + base64URL(code)
    }

    /// Good claims with changes; nil takes one away.
    static func claims(_ changes: [String: JSONValue?] = [:]) -> String {
        var claims: [String: JSONValue] = [
            "scp": "rocket", "sub": .string(acme), "jti": "id-1", "iat": .int(seconds), "nbf": .int(seconds),
            "exp": .int(seconds + 43_200),
        ]
        for (name, value) in changes { claims[name] = value }
        return JSONValue.object(claims).description
    }
}

extension HTTPResponse {
    /// The body as JSON; `null` when it is none.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    /// The body's text.
    var text: String { String(decoding: body, as: UTF8.self) }
    /// An object's keys, sorted.
    var keys: [String] { json.object?.keys.sorted() ?? [] }
}
