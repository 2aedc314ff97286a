/// `login`, `logout`, `me` (contract sheet, section 2).
enum SessionRoutes {
    static var routes: [RESTRoute] {
        var login = RESTRoute.post("login", .legacy, action: Self.login)
        login.authenticated = false
        login.addsSuccess = false
        var logout = RESTRoute.post("logout", .legacy, action: Self.logout)
        logout.addsSuccess = false
        return [login, logout, .get("me", .legacy, action: Self.me)]
    }

    /// Beside these, any key makes the login fail.
    private static let loginKeys: Set<String> = ["user", "username", "email", "password", "code", "resume"]

    private static func login(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let unauthorized = ChatError.loginRefused(code: "Unauthorized", message: "Unauthorized", details: nil)
        guard loginKeys.isSuperset(of: call.values.keys) else { throw unauthorized }
        let user: StoredUser
        let token: String
        if let resumed = call.text("resume") {
            user = try world.resume(resumed)
            token = resumed
        } else {
            guard let login = call.text("user") ?? call.text("username") ?? call.text("email"),
                let password = call.values["password"]
            else { throw unauthorized }
            (user, token) = try world.signIn(as: login, password: password)
        }
        var body: [String: JSON] = [
            "status": "success",
            "data": [
                "userId": .string(user.id), "authToken": .string(token),
                "me": .object(user.ownFields(siteURL: world.options.siteURL)),
            ],
        ]
        if world.band >= .seven { body["success"] = true }
        return body
    }

    private static func logout(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        world.revoke(call.token)
        return ["status": "success", "data": ["message": "You've been logged out!"]]
    }

    private static func me(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        guard let user = world.users[call.userID] else { throw .unauthenticated }
        return user.ownFields(siteURL: world.options.siteURL)
    }
}
