public import ChatBackend
internal import Synchronization

/// Accounts, tokens and presence.
extension ScriptedChatBackend {
    /// See `ChatBackend.createCustomer(_:)`.
    public func createCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount {
        try await run(.createCustomer, account.username) { state in
            if let found = state.accounts[account.username] {
                return found.email == account.email || account.adoptsAnyEmail
                    ? .success(found.account) : .failure(.alreadyExists)
            }
            let taken = account.username.lowercased()
            guard !state.accounts.keys.contains(where: { $0.lowercased() == taken }) else {
                return .failure(.alreadyExists)
            }
            let made = ChatAccount(id: state.makeID("user-"), username: account.username, name: account.name)
            state.accounts[account.username] = (made, account.email)
            return .success(made)
        }
    }

    /// See `ChatBackend.findCustomer(_:)`.
    public func findCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount? {
        try await run(.findCustomer, account.username) { state in
            let found = state.accounts[account.username]
            return .success(found.flatMap { $0.email == account.email || account.adoptsAnyEmail ? $0.account : nil })
        }
    }

    /// See `ChatBackend.mintToken(for:password:)`.
    public func mintToken(for account: ChatAccount, password: String) async throws(ChatBackendError) -> String {
        try await run(.mintToken, account.username) { state in
            guard !state.otherPasswords.contains(account.username) else {
                return .failure(.refused(code: "unauthorized"))
            }
            let token = state.makeID("token-")
            state.tokens[token] = account.id
            return .success(token)
        }
    }

    /// See `ChatBackend.revokeToken(_:)`.
    public func revokeToken(_ token: CustomerCredential) async throws(ChatBackendError) {
        try await run(.revokeToken, token.userID) { state -> Result<Void, ChatBackendError> in
            state.tokens[token.token] = nil
            return .success(())
        }
    }

    /// See `ChatBackend.presence(ofAgents:known:)`. The journal has the ids that were known.
    public func presence(
        ofAgents usernames: [String], known: [String: String]
    ) async throws(ChatBackendError) -> [AgentPresence] {
        try await run(.presence, "", known.values.sorted().joined(separator: " ")) { state in
            .success(usernames.compactMap { state.agents[$0] })
        }
    }

    /// See `ChatBackend.presenceIsSwitchedOff`.
    public var presenceIsSwitchedOff: Bool { state.withLock { $0.presenceIsSwitchedOff } }

    /// See `ChatBackend.health()`.
    public func health() async throws(ChatBackendError) {
        try await run(.health, "") { _ in .success(()) }
    }
}
