internal import Customers
internal import CustomersAPI
internal import CustomersRedis

extension AdminSession {
    /// Makes an access token with the configured key; neither Redis nor the daemon is needed.
    ///
    /// - Parameters:
    ///   - tenant: an id or a name.
    ///   - lifetime: seconds, 60 to 604,800; nil for the configured one.
    ///   - scope: nil for the first configured one.
    /// - Returns: a report whose text is the token and nothing else.
    /// - Throws: ``AdminError`` with what to do.
    public func issueToken(tenant: String, lifetime: Int?, scope: String?) throws(AdminError) -> Report {
        if let lifetime, !(60...604_800).contains(lifetime) {
            throw AdminError(.usage, "a token may live 60 to 604800 seconds")
        }
        return try onLoop { bench in
            let tenants = try bench.tenants(tenant)
            if let scope, !bench.plan.tokenScopes.contains(scope) {
                throw AdminError(
                    .refused, "the gateway would not take scope \"\(TextTable.printable(scope))\"",
                    remedy: "tokens.scopes has \(bench.plan.tokenScopes.sorted().joined(separator: ", "))")
            }
            guard let tenant = tenants.first else { throw AdminError(.refused, "there is no tenant") }
            let seconds = lifetime ?? bench.plan.tokenLifetime
            let issuer = AccessTokenIssuer(
                keys: bench.plan.tokenKeys, lifetime: seconds, scope: scope ?? bench.plan.tokenScope,
                now: WallClock.milliseconds)
            let token = try await issuer.issue(for: tenant.id)
            return Report(token, ["access_token": token, "tenant": tenant.id.text, "time": String(seconds)])
        }
    }

    /// Says whether a token would be accepted, and if not, why. The report's status is 1 for one that is refused.
    public func inspectToken(_ token: String) throws(AdminError) -> Report {
        try onLoop { bench in TokenView(try await bench.inspect(token)).report }
    }

    /// Refuses a token from now on, everywhere.
    ///
    /// - Parameter token: the token, or its `jti`; then it is refused for a week, the longest that a token may live.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func revokeToken(_ token: String) throws(AdminError) -> Report {
        let isToken = token.split(separator: ".", omittingEmptySubsequences: false).count == 3
        // What is left of a token must not be taken for a jti: nothing would be revoked.
        guard isToken || !token.contains(".") && !token.hasPrefix("eyJ") else {
            throw AdminError(
                .usage, "that is a part of a token; nothing was revoked",
                remedy: "give the whole token (three parts with dots between them, on one line), or its jti")
        }
        return try onLoop { bench in
            var id = token
            var seconds = 604_800 + Int(AccessTokenVerifier.leeway)
            if isToken {
                let inspection = try await bench.inspect(token)
                guard let found = inspection.revocationID else {
                    throw AdminError(
                        .refused,
                        "the token was not signed with our key, and so is refused anyhow; nothing was revoked",
                        remedy: "if it was cut short, give all of it; customersctl token inspect says more")
                }
                id = found
                let left =
                    (inspection.expires ?? 0) + AccessTokenVerifier.leeway - Double(WallClock.milliseconds()) / 1_000
                guard left > 0 else { throw AdminError(.refused, "the token has expired, and so is refused anyhow") }
                // Whoever issues tokens may let them live for ever; a deny-list of ten years will do.
                seconds = Int(min(left.rounded(.up), 315_360_000))
            }
            guard !id.isEmpty, id.utf8.count <= 256 else {
                throw AdminError(.usage, "that is neither a token nor a jti")
            }
            try await RedisRevocationStore(bench.worker.redis).revoke(id, seconds: seconds)
            let doubt = isToken ? "" : ", if there is a token with this jti"
            return Report(
                "revoked \(TextTable.printable(id)) for \(StatusPage.duration(seconds))\(doubt)",
                ["jti": id, "seconds": String(seconds)])
        }
    }
}

extension AdminBench {
    fileprivate func inspect(_ token: String) async throws -> AccessTokenInspection {
        try await AccessTokenVerifier(
            keys: plan.tokenKeys, scopes: plan.tokenScopes, revocations: RedisRevocationStore(worker.redis),
            tenants: plan.tenants, now: WallClock.milliseconds
        ).inspect(token)
    }
}

/// What a token says and what speaks against it.
private struct TokenView: Encodable {
    var accepted: Bool
    var problems: [String]
    var tenant: String?
    var tenantName: String?
    var scope: String?
    var jti: String?
    var issued: Int64?
    var notBefore: Int64?
    var expires: Int64?

    init(_ inspection: AccessTokenInspection) {
        accepted = inspection.problems.isEmpty
        problems = inspection.problems
        tenant = inspection.subject
        tenantName = inspection.tenant?.name
        scope = inspection.scope
        jti = inspection.revocationID
        issued = inspection.issued.flatMap(Self.seconds)
        notBefore = inspection.notBefore.flatMap(Self.seconds)
        expires = inspection.expires.flatMap(Self.seconds)
    }

    /// Any number may stand in a token.
    private static func seconds(_ value: Double) -> Int64? { (-1e11...1e11).contains(value) ? Int64(value) : nil }

    var report: Report {
        var lines = [accepted ? "accepted" : "refused:"] + problems.map { "  - \($0)" }
        func line(_ name: String, _ value: String?) {
            guard let value else { return }
            lines.append("  " + name + String(repeating: " ", count: max(1, 11 - name.count)) + value)
        }
        line("tenant", tenant.map { id in tenantName.map { "\($0) (\(id))" } ?? id })
        line("scope", scope)
        line("jti", jti)
        line("issued", issued.map(TimeText.utc))
        line("not before", notBefore.map(TimeText.utc))
        line("expires", expires.map(TimeText.utc))
        return Report(lines.map(TextTable.printable).joined(separator: "\n"), self, status: accepted ? 0 : 1)
    }
}
