public import ChatBackend

extension RocketChatBackend {
    /// Whether customers can see each other, found out by one: each thing that a curious customer could try, and how to
    /// forbid it.
    ///
    /// The two accounts are made as any customer's is, and taken again the next time. The one token is logged out at
    /// the end, and a room that could be opened is deleted.
    ///
    /// - Parameters:
    ///   - probe: who looks.
    ///   - other: who is looked for.
    /// - Returns: what was found, good and bad; nothing of what the answers say of others.
    public func customerView(
        of probe: NewCustomerAccount, other: NewCustomerAccount
    ) async -> [RocketChatFinding] {
        let stranger: ChatAccount
        let credential: CustomerCredential
        do throws(ChatBackendError) {
            let account = try await createCustomer(probe)
            stranger = try await createCustomer(other)
            credential = CustomerCredential(
                userID: account.id, token: try await mintToken(for: account, password: probe.password))
        } catch {
            return [
                .warning(
                    "whether customers can see each other could not be tried: \(error)",
                    "customers cannot sign in either; look at the findings above. An account \(probe.username) that is deactivated, or "
                        + "has another password, must be deleted at the chat server")
            ]
        }
        let customer = CuriousCustomer(
            api: api, credential: credential, other: stranger, role: configuration.customerRole)
        var findings = await customer.findings()
        do throws(ChatBackendError) {
            try await revokeToken(credential)
        } catch {
            findings.append(
                .warning("the token of \(probe.username) could not be logged out: \(error)", "run this again"))
        }
        return findings
    }
}
