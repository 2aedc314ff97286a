public import ChatBackend
internal import HTTPMessage
internal import Logging

// users.createToken, login, logout (contract sheet, sections 2 and 3).
extension RocketChatBackend {
    /// `POST users.createToken`, where the server allows it; else `POST login` with the customer's password.
    ///
    /// - Throws: `refused(code: "deactivated")` when the account may not log in.
    public func mintToken(for account: ChatAccount, password: String) async throws(ChatBackendError) -> String {
        if let token = try await createToken(for: account) { return token }
        let credential: CustomerCredential
        do throws(RocketChatFailure) {
            credential = try await api.transport.login(username: account.username, password: password)
        } catch {
            throw error.error
        }
        guard credential.userID == account.id else { throw .contract("login: another user") }
        return credential.token
    }

    /// A token made by the service account; nil when it takes a login instead.
    func createToken(for account: ChatAccount) async throws(ChatBackendError) -> String? {
        let now = clock.uptime()
        guard !memory.holds(.makesNoTokens, at: now) else { return nil }
        var body: [String: JSONValue] = ["userId": .string(account.id)]
        if let secret = configuration.createTokenSecret { body["secret"] = .string(secret) }
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await api.send(.post("users.createToken", .object(body)))
        } catch {
            guard error.isRefusal || error.status == 404, error.status != 401 else { throw error.error }
            // Anything else is about this one user, as the fault of some servers with users who have never logged in
            // ("reading 'tokens'").
            if error.isMissingRight || error.isAboutParameters || error.status == 404 {
                memory.remember(.makesNoTokens, until: now + ServerMemory.tenMinutes)
                logger.notice("the chat server makes no tokens for others; customers are logged in with their password")
            }
            return nil
        }
        guard let token = reply["data"]?["authToken"]?.loginToken else {
            throw .contract("users.createToken: no authToken")
        }
        if let userID = reply["data"]?["userId"]?.string, userID != account.id {
            throw .contract("users.createToken: another user")
        }
        return token
    }

    /// `POST logout` with the customer's own token; never with the service account's, which it would delete.
    public func revokeToken(_ token: CustomerCredential) async throws(ChatBackendError) {
        do throws(RocketChatFailure) {
            _ = try await api.send(.post("logout", [:], as: .customer(token)))
        } catch {
            guard error.status != 401 else { return }
            throw error.error
        }
    }
}
