public import Customers
internal import HTTPMessage

/// What an access token says and what speaks against it: for operators. Callers of the API are told nothing but
/// `unauthorized`.
public struct AccessTokenInspection: Sendable {
    /// Whom it acts for, as written.
    public var subject: String?
    /// The tenant, when it is one of ours.
    public var tenant: Tenant?
    /// What it is for.
    public var scope: String?
    /// What it is revoked by: `jti`, or a hash of the whole; nil for a token that was not signed with our key.
    public var revocationID: String?
    /// Unix seconds.
    public var issued: Double?
    /// Unix seconds.
    public var notBefore: Double?
    /// Unix seconds.
    public var expires: Double?
    /// Why it is refused; empty for a token that is good.
    public var problems: [String] = []
}

extension AccessTokenVerifier {
    /// Checks a token as a request's is checked, but goes on after the first fault.
    ///
    /// - Throws: `StoreError` when it cannot be known whether the token was revoked.
    public func inspect(_ token: String) async throws -> AccessTokenInspection {
        var result = AccessTokenInspection()
        guard Self.isAccessToken(token) else {
            result.problems = ["it is no access token: those have three parts between dots"]
            return result
        }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if let fault = headerFault(parts[0]) { result.problems.append(fault) }
        let claims = verifiedClaims(token)
        if claims == nil, result.problems.isEmpty {
            result.problems.append("the signature was not made with the key of tokens.key_file, or a claim is missing")
        }
        guard let shown = claims ?? Self.unverifiedClaims(parts[1]) else {
            result.problems.append("sub and exp are required; one is missing or has the wrong type")
            return result
        }
        result.subject = shown.sub
        result.scope = shown.scp
        (result.issued, result.notBefore, result.expires) = (shown.iat, shown.nbf, shown.exp)
        result.tenant = TenantID(shown.sub).flatMap { tenants[$0] }
        if claims != nil { result.revocationID = Self.revocationID(shown, token) }
        result.problems += faults(shown, tenant: result.tenant)
        if let id = result.revocationID, try await revocations.isRevoked(id) {
            result.problems.append("it was revoked")
        }
        return result
    }

    private func headerFault(_ part: Substring.UTF8View.SubSequence) -> String? {
        guard let bytes = [UInt8](base64URL: part), let header = try? JSONValue(parsing: bytes) else {
            return "its header is no JSON in base64url"
        }
        if header["crit"] != nil { return "its header has \"crit\", which is not understood" }
        guard let name = header["alg"]?.string, keys.algorithms[name] != nil else {
            return "its algorithm is none of \(keys.algorithms.keys.sorted().joined(separator: ", "))"
        }
        return nil
    }

    private static func unverifiedClaims(_ part: Substring.UTF8View.SubSequence) -> AccessTokenClaims? {
        [UInt8](base64URL: part).flatMap { try? JSONValue(parsing: $0) }.flatMap { AccessTokenClaims($0) }
    }

    private func faults(_ claims: AccessTokenClaims, tenant: Tenant?) -> [String] {
        var faults: [String] = []
        let seconds = Double(now()) / 1_000
        if !claims.exp.isFinite || claims.exp + Self.leeway <= seconds { faults.append("it has expired") }
        if (claims.nbf ?? 0) - Self.leeway > seconds { faults.append("it is not valid yet (nbf): compare the clocks") }
        if !(claims.scp.map { scopes.contains($0) } ?? false) {
            faults.append("its scope is none of tokens.scopes (\(scopes.sorted().joined(separator: ", ")))")
        }
        if tenant == nil { faults.append("sub is no tenant of this configuration") }
        return faults
    }
}
