/// Who is reachable (contract sheet, section 3).
enum PresenceRoutes {
    static var routes: [RESTRoute] {
        [
            .get(
                "users.getPresence",
                query: ParameterSchema([.optional("userId"), .optional("username"), .optional("user")]),
                action: presenceOfOne),
            .get(
                "users.presence", query: ParameterSchema([.optional("ids", .textOrTexts), .optional("from")]),
                action: presenceOfMany),
            .post(
                "users.setStatus",
                body: ParameterSchema([
                    .optional("status"), .optional("message"), .optional("userId"), .optional("username"),
                    .optional("user"),
                ]), action: setStatus),
        ]
    }

    private static func presenceOfOne(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        let isSelf = ["userId", "username", "user"].allSatisfy { call.text($0) == nil }
        let user = isSelf ? world.users[call.userID] : try world.referencedUser(call)
        guard let user else { throw .unauthenticated }
        var body: [String: JSON] = ["presence": .string(user.status.rawValue)]
        if user.id == call.userID {
            body["connectionStatus"] = .string(user.connectionStatus.rawValue)
            if let lastLogin = user.lastLogin { body["lastLogin"] = .string(lastLogin.iso) }
        }
        return body
    }

    private static func presenceOfMany(
        _ world: inout ChatWorld, _ call: RESTCall
    ) throws(ChatError) -> [String: JSON] {
        let ids = call.texts("ids").map { $0.flatMap { $0.split(separator: ",").map(String.init) } }
        let users = ids.map { $0.compactMap { world.users[$0] } } ?? world.users.values.sorted { $0.id < $1.id }
        let reachable = users.filter { $0.status != .offline }
        return [
            "users": .array(reachable.map { .object($0.publicFields) }),
            "full": .bool(ids == nil && call.text("from") == nil),
        ]
    }

    private static func setStatus(_ world: inout ChatWorld, _ call: RESTCall) throws(ChatError) -> [String: JSON] {
        let named = ["userId", "username", "user"].contains { call.text($0) != nil }
        let user = named ? try world.referencedUser(call) : world.users[call.userID]
        guard let user else { throw .unauthenticated }
        guard user.id == call.userID || world.allows("edit-other-user-info", to: call.userID) else {
            throw .forbidden
        }
        guard call.values["status"] != nil || call.values["message"] != nil else {
            throw .code(
                "error-status-param-not-provided", "The required \"status\" or \"message\" param was not provided")
        }
        if let message = call.values["message"]?.text { world.users[user.id]?.statusText = message }
        if let text = call.values["status"]?.text {
            guard let status = PresenceStatus(rawValue: text) else {
                throw .code(
                    "error-invalid-status", "Valid status types include online, away, offline, and busy.",
                    details: ["method": "users.setStatus"])
            }
            world.changePresence(of: user.id) { $0.pinnedStatus = status }
        }
        return [:]
    }
}
