internal import Crypto
public import Customers
internal import HTTPMessage
internal import JWTKit

/// Says which tenant an access token acts for.
public struct AccessTokenVerifier: Sendable {
    /// Seconds that clocks may differ.
    public static let leeway: Double = 60

    let keys: AccessTokenKeys
    let scopes: Set<String>
    let revocations: any RevocationStore
    let tenants: TenantDirectory
    private let recent: VerifiedTokens
    let now: @Sendable () -> Int64

    /// Makes a verifier; `now` is in Unix milliseconds. Without `recent` being turned on the store is asked each time.
    public init(
        keys: AccessTokenKeys, scopes: Set<String>, revocations: any RevocationStore, tenants: TenantDirectory,
        recent: VerifiedTokens = VerifiedTokens(), now: @escaping @Sendable () -> Int64
    ) {
        self.keys = keys
        self.scopes = scopes
        self.revocations = revocations
        self.tenants = tenants
        self.recent = recent
        self.now = now
    }

    /// Whether a token is to be read as an access token: three parts between dots. Chat tokens have no dots.
    static func isAccessToken(_ token: String) -> Bool {
        token.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// The tenant of a token that is good in every respect.
    ///
    /// - Throws: `CustomersError.unauthorized` whatever is wrong with it, `StoreError` when it cannot be known whether
    ///   the token was revoked.
    func tenant(of token: String) async throws -> Tenant {
        if let id = recent.tenant(of: token, now: now()), let tenant = tenants[id] { return tenant }
        guard let claims = verifiedClaims(token), isInForce(claims), let scope = claims.scp, scopes.contains(scope),
            let id = TenantID(claims.sub), let tenant = tenants[id]
        else { throw CustomersError.unauthorized }
        let revocationID = Self.revocationID(claims, token)
        let generation = recent.generation
        guard try await !revocations.isRevoked(revocationID) else { throw CustomersError.unauthorized }
        // The latest end that fits; an `exp` may be any number.
        let expiry = Int64(min((claims.exp + Self.leeway) * 1_000, 1e15))
        recent.remember(
            token, tenant: id, revocationID: revocationID, expiry: expiry, generation: generation, now: now())
        return tenant
    }

    /// Whether a token was good a moment ago and its tenant is still there.
    func isRemembered(_ token: String) -> Bool {
        recent.tenant(of: token, now: now()).map { tenants.contains($0) } ?? false
    }

    /// What a token is revoked by: its `jti`, or the SHA-256 of what is signed of a token that has none. The signature
    /// is left out: whoever has an ES256 token can work out a second one for it.
    static func revocationID(_ claims: AccessTokenClaims, _ token: String) -> String {
        if let jti = claims.jti, !jti.isEmpty { return jti }
        let signed = token.utf8.prefix(upTo: token.utf8.lastIndex(of: UInt8(ascii: ".")) ?? token.utf8.endIndex)
        return SHA256.hash(data: Array(signed)).hex
    }

    private func isInForce(_ claims: AccessTokenClaims) -> Bool {
        let seconds = Double(now()) / 1_000
        guard claims.exp.isFinite, claims.exp + Self.leeway > seconds else { return false }
        return (claims.nbf ?? 0) - Self.leeway <= seconds
    }

    /// The claims, if one of our algorithms and its own key made the signature.
    ///
    /// jwt-kit takes the key by `kid` and never looks at `alg`; the header is checked here, so that neither can choose
    /// for us.
    func verifiedClaims(_ token: String) -> AccessTokenClaims? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty, let bytes = [UInt8](base64URL: parts[0]),
            let header = try? JSONValue(parsing: bytes), header["crit"] == nil,
            let name = header["alg"]?.string, let algorithm = keys.algorithms[name],
            let signature = [UInt8](base64URL: parts[2])
        else { return nil }
        let signed = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
        guard (try? algorithm.verify(signature, signs: signed)) == true, let payload = [UInt8](base64URL: parts[1]),
            let json = try? JSONValue(parsing: payload)
        else { return nil }
        return AccessTokenClaims(json)
    }
}

extension AccessTokenClaims {
    /// Reads the claims; nil when one that is required is missing, or one has the wrong type.
    init?(_ json: JSONValue) {
        guard let sub = json["sub"]?.string, let exp = json["exp"]?.double else { return nil }
        for name in ["nbf", "iat"] where json[name] != nil { guard json[name]?.double != nil else { return nil } }
        self.init(
            sub: sub, exp: exp, nbf: json["nbf"]?.double, iat: json["iat"]?.double, scp: json["scp"]?.string,
            jti: json["jti"]?.string)
    }
}
