public import ChatBackend
internal import HTTPMessage

// users.create, users.info (contract sheet, section 3).
extension RocketChatBackend {
    /// `POST users.create`; the account that has the name already is taken when it is a plain customer's.
    ///
    /// The server's creation is not atomic: it may answer 400, or nothing at all, after the account exists. So whatever
    /// it answers but success, the name is looked up. A clash of e-mail addresses and a display name that the server
    /// does not like are evaded once each.
    public func createCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount {
        var order = account
        var hasOtherEmail = false
        var hasOtherName = false
        while true {
            let failure: RocketChatFailure
            do throws(RocketChatFailure) {
                return try await create(order)
            } catch {
                guard error.isAnswer || error.isAmbiguous else { throw error.error }
                failure = error
            }
            if let found = try await find(order, after: failure) { return found }
            if failure.refusesEmail(of: order), !hasOtherEmail {
                hasOtherEmail = true
                order.email = Self.tagged(order.email)
            } else if failure.refusesName, !hasOtherName {
                hasOtherName = true
                order.name = Self.plain(order.name, else: order.username)
            } else {
                throw failure.error
            }
        }
    }

    private func create(_ order: NewCustomerAccount) async throws(RocketChatFailure) -> ChatAccount {
        let reply = try await api.send(
            .post(
                "users.create",
                [
                    "username": .string(order.username), "name": .string(order.name), "email": .string(order.email),
                    "password": .string(order.password), "roles": [.string(configuration.customerRole)],
                    // Not "active": naming it, even as it is anyway, takes one more permission.
                    "verified": true, "joinDefaultChannels": false, "requirePasswordChange": false,
                    "sendWelcomeEmail": false,
                ]))
        guard let user = reply["user"].flatMap(RocketChatUser.init) else {
            throw .missing("user", in: "users.create")
        }
        guard user.account.username == order.username else { throw .missing("such username", in: "users.create") }
        return user.account
    }

    /// `GET users.info`.
    public func findCustomer(_ account: NewCustomerAccount) async throws(ChatBackendError) -> ChatAccount? {
        do throws(RocketChatFailure) {
            return try await lookUp(account.username).flatMap { isOurs($0, account) ? $0.account : nil }
        } catch {
            throw error.error
        }
    }

    private func isOurs(_ user: RocketChatUser, _ order: NewCustomerAccount) -> Bool {
        user.account.username == order.username && user.isPlainCustomer(role: configuration.customerRole)
            && user.wasMade(for: order)
    }

    /// The account of this name when it is this customer's; nil when there is none.
    private func find(
        _ order: NewCustomerAccount, after failure: RocketChatFailure
    ) async throws(ChatBackendError) -> ChatAccount? {
        let user: RocketChatUser?
        do throws(RocketChatFailure) {
            user = try await lookUp(order.username)
        } catch {
            // The first failure says more about what went wrong, unless the caller has gone.
            throw error.error == .cancelled ? error.error : failure.error
        }
        guard let user else { return nil }
        guard isOurs(user, order) else { throw .alreadyExists }
        guard user.account.isActive else { throw .refused(code: "deactivated") }
        return user.account
    }

    /// `GET users.info`; nil when there is nobody of that name in any spelling. The server also takes an id for a name.
    func lookUp(_ username: String) async throws(RocketChatFailure) -> RocketChatUser? {
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await api.send(.get("users.info", [("username", username)]))
        } catch {
            if error.error == .notFound { return nil }
            throw error
        }
        guard let user = reply["user"].flatMap(RocketChatUser.init) else { throw .missing("user", in: "users.info") }
        return user.account.username.lowercased() == username.lowercased() ? user : nil
    }

    /// `a@b` becomes `a+1f3c9a20@b`.
    static func tagged(_ email: String) -> String {
        let tag = RandomSuffix.make()
        guard let at = email.lastIndex(of: "@") else { return "\(email)+\(tag)" }
        return "\(email[..<at])+\(tag)\(email[at...])"
    }

    /// Letters and digits of any script, blank, `.`, `_` and `-`; the server refuses what looks like markup or a path.
    static func plain(_ name: String, else username: String) -> String {
        let kept = name.filter { $0.isLetter || $0.isNumber || " ._-".contains($0) }
        return kept.allSatisfy { $0 == " " } ? username : kept
    }
}

extension RocketChatFailure {
    /// The address is somebody else's; only the value tells it from a clash of usernames.
    fileprivate func refusesEmail(of order: NewCustomerAccount) -> Bool {
        guard says("error-field-unavailable") else { return false }
        let email = order.email.lowercased()
        return field?.lowercased() == email || text.lowercased().contains(email)
    }

    fileprivate var refusesName: Bool {
        text.contains("Name contains invalid characters")
            || (says("error-input-is-not-a-valid-field") && field?.lowercased() == "name")
    }
}
