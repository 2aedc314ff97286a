extension ChatWorld {
    /// The most login tokens a user has; the oldest goes first.
    private static let tokenCap = 50

    /// Whether that token acts for that user, who must be active.
    func isValid(token: String, of userID: String) -> Bool {
        guard let stored = tokens[token], stored.userID == userID else { return false }
        return users[userID]?.active == true
    }

    /// Makes the token valid.
    mutating func add(_ token: String, _ stored: StoredToken) {
        tokens[token] = stored
        users[stored.userID]?.tokens.append(token)
        let kind: JSON = stored.kind == .login ? "login" : "personal"
        record("token-minted", ["user": name(of: stored.userID), "id": .string(stored.userID), "token": kind])
        guard let all = users[stored.userID]?.tokens, all.count > Self.tokenCap else { return }
        let logins = all.filter { tokens[$0]?.kind == .login }
        for token in logins.prefix(max(0, logins.count - Self.tokenCap)) { revoke(token) }
    }

    /// A new login token for the user.
    mutating func mintToken(for userID: String) -> String {
        let token = ids.token()
        add(token, StoredToken(userID: userID, kind: .login))
        return token
    }

    /// Makes the token worthless.
    mutating func revoke(_ token: String) {
        guard let stored = tokens.removeValue(forKey: token) else { return }
        users[stored.userID]?.tokens.removeAll { $0 == token }
        closeSockets(token: token)
        record("token-revoked", ["user": name(of: stored.userID), "id": .string(stored.userID)])
    }

    /// Makes all tokens of the user worthless.
    mutating func revokeAllTokens(of userID: String) {
        for token in users[userID]?.tokens ?? [] { revoke(token) }
    }

    /// The user a login names; an `@` makes it an address.
    func userSigningIn(as login: String) -> StoredUser? {
        if login.contains("@"), let user = userIDsByEmail[login.lowercased()] { return users[user] }
        return userIDsByName[login.lowercased()].flatMap { users[$0] }
    }

    /// Checks a password given as text or as `{"digest","algorithm":"sha-256"}` and mints a token.
    mutating func signIn(as login: String, password: JSON) throws(ChatError) -> (user: StoredUser, token: String) {
        guard let user = userSigningIn(as: login) else {
            throw .loginRefused(code: "Unauthorized", message: "Unauthorized", details: nil)
        }
        let digest = password.text.map(SHA256.hexadecimal) ?? password["digest"]?.text?.lowercased()
        guard let digest, !user.passwordDigest.isEmpty, digest == user.passwordDigest else {
            let code: JSON = band <= .seven ? 403 : "Unauthorized"
            throw .loginRefused(
                code: code, message: band <= .seven ? "Incorrect password" : "Unauthorized", details: nil)
        }
        guard user.active else {
            throw .loginRefused(
                code: "error-user-is-not-activated", message: "User is not activated", details: nil)
        }
        users[user.id]?.lastLogin = now
        let token = mintToken(for: user.id)
        return (users[user.id] ?? user, token)
    }

    /// Signs in again with a token, which stays the same.
    mutating func resume(_ token: String) throws(ChatError) -> StoredUser {
        guard let stored = tokens[token], let user = users[stored.userID], user.active else {
            throw .loginRefused(
                code: 403, message: "You've been logged out by the server. Please log in again.", details: nil)
        }
        return user
    }

    /// The user's name for the journal.
    func name(of userID: String) -> JSON {
        users[userID].map { .string($0.username) } ?? .string(userID)
    }
}
