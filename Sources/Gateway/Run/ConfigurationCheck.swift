/// What a check of the configuration has found, for people and for programs.
struct ConfigurationCheck {
    /// 0, ``Launch/configurationStatus`` or ``Launch/noPermissionStatus``.
    let status: Int32
    /// For people, as `nginx -t` says it.
    let lines: [String]
    private let view: View

    /// As `customersctl check --json` prints it.
    private struct View: Encodable {
        struct Item: Encodable {
            var file: String
            var line: Int?
            var key: String
            var text: String

            init(_ problem: ConfigurationProblem) {
                (file, line, key, text) = (problem.file, problem.line, problem.key, problem.text)
            }

            init(_ finding: Finding, file: String) {
                (self.file, key, text) = (file, "", "\(finding.text): \(finding.remedy)")
            }
        }

        var status: Int32
        var tenants = 0
        var problems: [Item] = []
        var warnings: [Item] = []
    }

    /// Reads the configuration as the next start will.
    init(path: String, environment: [String: String]) {
        do {
            let credentials = Credentials.atNextStart(of: path, environment)
            let configuration = try GatewayConfiguration.check(path: path, credentials: credentials)
            let unreadable = SecretFileCheck(
                path: path, tenants: configuration.tenantsDirectory, credentials: credentials
            ).unreadable()
            status = unreadable.isEmpty ? 0 : Launch.configurationStatus
            view = View(
                status: status, tenants: configuration.tenants.count,
                problems: unreadable.map { View.Item($0, file: path) },
                warnings: configuration.warnings.map { View.Item($0) })
            let end =
                unreadable.isEmpty
                ? "the configuration is good, \(configuration.tenantCount)"
                : "the daemon could not read its configuration"
            lines =
                configuration.warnings.map { "warning: \($0)" } + unreadable.map { "\($0.text): \($0.remedy)" }
                + ["\(path): \(end)"]
        } catch {
            status = error.isForbidden ? Launch.noPermissionStatus : Launch.configurationStatus
            view = View(status: status, problems: error.problems.map { View.Item($0) })
            let end =
                error.isForbidden
                ? "not checked; run this as root: not everybody may read the configuration and its secrets"
                : "the configuration has errors"
            lines = ["\(error)", "\(path): \(end)"]
        }
    }

    /// For programs.
    var report: Report { Report(lines.joined(separator: "\n"), view, status: status) }
}
