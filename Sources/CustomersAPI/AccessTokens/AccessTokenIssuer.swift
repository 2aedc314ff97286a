public import Customers
internal import JWTKit

/// Makes access tokens.
public struct AccessTokenIssuer: Sendable {
    private let keys: AccessTokenKeys
    /// Seconds that a token lives.
    public let lifetime: Int
    private let scope: String
    private let now: @Sendable () -> Int64

    /// Makes an issuer; `now` is in Unix milliseconds.
    public init(keys: AccessTokenKeys, lifetime: Int, scope: String, now: @escaping @Sendable () -> Int64) {
        self.keys = keys
        self.lifetime = lifetime
        self.scope = scope
        self.now = now
    }

    /// A new HS256 token for a tenant.
    ///
    /// - Throws: what jwt-kit says; with a key of ours it has nothing to say.
    public func issue(for tenant: TenantID) async throws -> String {
        let seconds = now() / 1_000
        let claims = AccessTokenClaims(
            sub: tenant.text, exp: Double(seconds + Int64(lifetime)), nbf: Double(seconds), iat: Double(seconds),
            scp: scope, jti: Self.newID())
        return try await keys.signer.sign(claims)
    }

    /// 128 random bits in hex.
    private static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
