internal import JWTKit

/// What an access token says: `{"scp","sub","jti","iat","nbf","exp"}` (DESIGN.md section 1). Times are Unix seconds.
struct AccessTokenClaims: JWTPayload {
    /// The tenant's id.
    var sub: String
    /// When it ends.
    var exp: Double
    /// When it begins.
    var nbf: Double?
    /// When it was made.
    var iat: Double?
    /// What it is for.
    var scp: String?
    /// Its own id, for revocation.
    var jti: String?

    /// jwt-kit asks after the signature was checked; times and scope are ``AccessTokenVerifier``'s, which has the
    /// clock.
    func verify(using algorithm: some JWTAlgorithm) {}
}
