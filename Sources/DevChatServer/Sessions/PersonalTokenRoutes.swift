/// `users.generatePersonalAccessToken` (contract sheet, section 3).
enum PersonalTokenRoutes {
    static var routes: [RESTRoute] {
        [
            .post(
                "users.generatePersonalAccessToken",
                body: ParameterSchema([.required("tokenName"), .optional("bypassTwoFactor", .boolean)]),
                twoFactor: true, action: generate)
        ]
    }

    private static func generate(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let name = call.text("tokenName") else { throw .plain("The 'tokenName' param is required") }
        guard world.allows("create-personal-access-tokens", to: call.userID) else {
            throw .code(
                "not-authorized", "Not Authorized", details: ["method": "personalAccessTokens:generateToken"])
        }
        let names = (world.users[call.userID]?.tokens ?? []).compactMap { token -> String? in
            guard case .personal(let name, _) = world.tokens[token]?.kind else { return nil }
            return name
        }
        guard !names.contains(name) else {
            throw .code(
                "error-token-already-exists", "A token with this name already exists",
                details: ["method": "personalAccessTokens:generateToken"])
        }
        let token = world.ids.token()
        let bypasses = call.flag("bypassTwoFactor") ?? false
        world.add(
            token, StoredToken(userID: call.userID, kind: .personal(name: name, bypassesTwoFactor: bypasses)))
        return ["token": .string(token)]
    }
}
