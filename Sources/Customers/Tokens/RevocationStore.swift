/// The deny-list of access tokens. Throws ``StoreError`` when the store is away.
public protocol RevocationStore: Sendable {
    /// Whether the token with this `jti` was revoked.
    func isRevoked(_ jti: String) async throws -> Bool

    /// Revokes a token everywhere, for the seconds that it has left to live.
    func revoke(_ jti: String, seconds: Int) async throws
}
