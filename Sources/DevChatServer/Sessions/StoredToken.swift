/// A token that acts for a user.
struct StoredToken: Sendable {
    /// Where a token comes from.
    enum Kind: Sendable, Equatable {
        /// `login` or `users.createToken`.
        case login
        /// `users.generatePersonalAccessToken`.
        case personal(name: String, bypassesTwoFactor: Bool)
    }

    var userID: String
    var kind: Kind
    /// Until when an accepted second factor is remembered.
    var trustedUntil: Timestamp?
    /// Wrong second factors in a row.
    var wrongCodes = 0
}
