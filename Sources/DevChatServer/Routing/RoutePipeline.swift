/// The checks before a route's action, in the band's order (contract sheet, section 1.3).
struct RoutePipeline: Sendable {
    private enum Check {
        case authentication
        case permission
        case schema
        case rateLimit
        case twoFactor
    }

    let band: VersionBand

    private func order(of style: RESTRoute.Style) -> [Check] {
        guard band < .eight else { return [.authentication, .permission, .schema, .rateLimit, .twoFactor] }
        return style == .typed
            ? [.schema, .authentication, .rateLimit, .permission, .twoFactor]
            : [.authentication, .rateLimit, .schema, .permission, .twoFactor]
    }

    /// Checks the call, does it, and renders the outcome with the limiter's headers.
    func run(_ route: RESTRoute, _ call: RESTCall, in world: inout ChatWorld) -> (reply: ChatReply, userID: String) {
        var call = call
        var verdict: RateLimiter.Verdict?
        var reply: ChatReply
        do throws(ChatError) {
            for check in order(of: route.style) {
                try perform(check, route, &call, &verdict, &world)
            }
            var body = try route.action(&world, call)
            if route.addsSuccess { body["success"] = true }
            reply = ChatReply(json: .object(body))
        } catch {
            reply = error.reply(band: band)
        }
        if let verdict { reply.headers += verdict.headers }
        return (reply, call.userID)
    }

    private func perform(
        _ check: Check, _ route: RESTRoute, _ call: inout RESTCall, _ verdict: inout RateLimiter.Verdict?,
        _ world: inout ChatWorld
    ) throws(ChatError) {
        switch check {
        case .authentication: try authenticate(route, &call, world)
        case .permission:
            guard !route.permissions.isEmpty else { return }
            guard route.permissions.contains(where: { world.allows($0, to: call.userID) }) else {
                throw .missingPermission
            }
        case .schema: try checkSchema(route, &call)
        case .rateLimit:
            guard route.rateLimited else { return }
            if !call.userID.isEmpty, world.allows("api-bypass-rate-limit", to: call.userID) { return }
            let address = world.clientAddress(of: call.request)
            verdict = world.limiter.count("\(route.name) \(route.method) \(address)", now: world.now)
            if let verdict, !verdict.allowed {
                throw .tooManyRequests(seconds: verdict.secondsToWait(now: world.now))
            }
        case .twoFactor:
            if route.twoFactor { try world.demandSecondFactor(call) }
        }
    }

    private func authenticate(
        _ route: RESTRoute, _ call: inout RESTCall, _ world: ChatWorld
    ) throws(ChatError) {
        let headers = call.request.headers
        if let token = headers["x-auth-token"], let userID = headers["x-user-id"],
            world.isValid(token: token, of: userID)
        {
            call.userID = userID
            call.token = token
        } else if route.authenticated {
            throw .unauthenticated
        }
    }

    private func checkSchema(_ route: RESTRoute, _ call: inout RESTCall) throws(ChatError) {
        // `spotlight` has one of its own.
        let own = Set(route.query?.parameters.map(\.name) ?? [])
        let names = Set(call.request.query.map(\.name)).subtracting(own)
        if names.contains("query") || names.contains("fields") {
            throw .code("error-invalid-params", "The \"query\" and \"fields\" parameters are not supported.")
        }
        guard let schema = route.method == "GET" ? route.query : route.body else { return }
        switch schema.check(call.values) {
        case .success(let values): call.values = values
        case .failure(let error):
            guard route.style == .typed else { throw .code("invalid-params", error.message) }
            let code = route.method == "GET" ? "error-invalid-params" : "invalid-params"
            throw .other(
                status: 400, body: ["success": false, "error": .string(error.message), "errorType": .string(code)])
        }
    }
}
