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
        return next.keysForRestart(since: running).map {
            .warning(
                "the next start will find another \($0) than the daemon runs with",
                "systemctl restart customersd takes the new one; if it was changed by mistake, put the old one back first"
            )
        }
    }
}
