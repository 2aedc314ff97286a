public import ChatBackend

extension RocketChatBackend {
    /// Whether customers can see each other, found out by one: each thing that a curious customer could try, and how to
    /// forbid it.
    ///
    /// The two accounts are made as any customer's is, and taken again the next time: then their password shows whether
    /// the key that derives it is still the same. The one token is logged out at the end, and a room that could be
    /// opened is deleted.
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
        var findings: [RocketChatFinding] = []
        do throws(ChatBackendError) {
            let account = try await createCustomer(probe)
            stranger = try await createCustomer(other)
            let token: String
            switch await passwordLogin(of: probe) {
            case .accepted(let made): token = made
            case .wrongPassword:
                findings.append(Self.otherKey(than: probe))
                // No second attempt with that password: they are counted.
                guard let made = try await createToken(for: account) else { return findings }
                token = made
            case .unknown: token = try await mintToken(for: account, password: probe.password)
            }
            credential = CustomerCredential(userID: account.id, token: token)
        } catch {
            return findings + [
                .warning(
                    "whether customers can see each other could not be tried: \(error)",
                    "customers cannot sign in either; look at the findings above. An account \(probe.username) that is deactivated, or "
                        + "has another password, must be deleted at the chat server")
            ]
        }
        let customer = CuriousCustomer(
            api: api, credential: credential, other: stranger, role: configuration.customerRole)
        findings += await customer.findings()
        do throws(ChatBackendError) {
            try await revokeToken(credential)
        } catch {
            findings.append(
                .warning("the token of \(probe.username) could not be logged out: \(error)", "run this again"))
        }
        return findings
    }

    private enum PasswordLogin {
        case accepted(String), wrongPassword
        /// It failed for another reason, which says nothing of the password.
        case unknown
    }

    private func passwordLogin(of probe: NewCustomerAccount) async -> PasswordLogin {
        do throws(RocketChatFailure) {
            return .accepted(try await api.transport.login(username: probe.username, password: probe.password).token)
        } catch {
            let isAboutPassword =
                error.status == 401 && error.error != .refused(code: "deactivated")
                && !["totp", "blocked"].contains { error.text.contains($0) || error.code.contains($0) }
            return isAboutPassword ? .wrongPassword : .unknown
        }
    }

    private static func otherKey(than probe: NewCustomerAccount) -> RocketChatFinding {
        .fault(
            "the seal key is another one than when the account \(probe.username) was made: customers get other "
                + "accounts than they had, without their direct rooms, when they sign in anew",
            "if that was not meant, put the old seal.key back (from a backup, or from another host: all share one) and restart. If "
                + "it was, or somebody has changed that account's password, delete the account at the chat server; the next run "
                + "makes it anew")
    }
}
