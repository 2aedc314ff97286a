internal import ChatBackend
internal import HTTPMessage

extension RocketChatTransport {
    /// `POST login`: no more keys than these, or the server takes it for another kind of login.
    ///
    /// - Throws: `refused(code: "deactivated")` for a deactivated account, `refused` for everything else that is 401.
    func login(username: String, password: String) async throws(RocketChatFailure) -> CustomerCredential {
        let reply: JSONValue
        do throws(RocketChatFailure) {
            reply = try await send(
                .post("login", ["user": .string(username), "password": .string(password)], as: .nobody), credential: nil
            ).envelope
        } catch {
            guard error.says("error-user-is-not-activated") else { throw error }
            var failure = error
            failure.error = .refused(code: "deactivated")
            throw failure
        }
        guard let userID = reply["data"]?["userId"]?.identifier else {
            throw .missing("userId", in: "login")
        }
        guard let token = reply["data"]?["authToken"]?.loginToken else {
            throw .missing("authToken", in: "login")
        }
        return CustomerCredential(userID: userID, token: token)
    }
}
