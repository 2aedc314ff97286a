/// Looks at what the next start will read where a daemon runs: it has the secrets that it was started with.
struct NextStartCheck {
    let running: GatewayConfiguration
    let path: String
    let credentials: Credentials

    func findings() -> [Finding] {
        let next: GatewayConfiguration
        do throws(ConfigurationError) {
            next = try GatewayConfiguration.check(path: path, credentials: credentials)
        } catch {
            return error.problems.map {
                .fault(
                    "the daemon runs, but could not be started again: \($0)",
                    "correct it before something restarts it; customersctl check says when it is good")
            }
        }
        return Self.changes(from: running, to: next).map {
            .warning(
                "the daemon runs with another \($0) than the next start will find",
                "systemctl restart customersd takes the new one; if it was changed by mistake, put the old one back first"
            )
        }
    }

    /// The secrets that are not the same.
    static func changes(from running: GatewayConfiguration, to next: GatewayConfiguration) -> [String] {
        var changes: [String] = []
        if running.tokens.key != next.tokens.key { changes.append("token key") }
        if running.sealKey != next.sealKey { changes.append("seal key") }
        if running.chat.credential != next.chat.credential { changes.append("sign-in at the chat server") }
        if running.chat.createTokenSecret != next.chat.createTokenSecret { changes.append("create_token_secret") }
        if running.redis.password != next.redis.password { changes.append("Redis password") }
        return changes
    }
}
