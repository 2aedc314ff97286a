internal import Customers
internal import Glibc
internal import RocketChatBackend

extension AdminSession {
    /// Everything that an admin would check by hand, each with its remedy. The report's status is 1 when something is
    /// wrong.
    ///
    /// - Throws: ``AdminError`` when the caller may not read the configuration.
    public func doctor() throws(AdminError) -> Report {
        var findings: [Finding] = []
        let configuration: GatewayConfiguration
        do {
            configuration = try GatewayConfiguration.load(path: path, credentials: credentials)
        } catch {
            // Nothing else can be looked at.
            guard !error.isForbidden else { throw Self.refusal(error) }
            findings = error.problems.map {
                .fault(
                    $0.description,
                    geteuid() != 0 && $0.text.contains("Permission denied")
                        ? "run this as root: the configuration and its secrets are not for everybody"
                        : "correct it; customersctl check says when it is good")
            }
            return Self.report(findings)
        }
        findings.append(.good("\(path): the configuration is good, \(configuration.tenantCount)"))
        findings += configuration.warnings.map { .warning($0.description, "") }
        let next = Credentials.atNextStart(of: path, environment)
        if case .folder = credentials, next.ownUnit != nil {
            findings += NextStartCheck(running: configuration, path: path, credentials: next).findings()
        }
        findings += SecretFileCheck(path: path, tenants: configuration.tenantsDirectory, credentials: next).findings()
        findings += SocketCheck(configuration, file: path).findings()
        findings += try onLoop { bench in
            var findings = await RedisCheck(redis: bench.worker.redis).findings()
            let agents = bench.plan.tenants.all.flatMap { $0.agents.map(\.username) }
            let diagnosis = RocketChatDiagnosis(configuration: bench.plan.chat, client: bench.worker.http)
            let chat = await diagnosis.run(agents: Array(Set(agents)).sorted(), now: WallClock.milliseconds() / 1_000)
            findings += chat.findings.map { Finding($0) }
            if chat.isSignedIn {
                let role = bench.plan.chat.customerRole
                let (probe, other) = (bench.plan.naming.probe(1, role: role), bench.plan.naming.probe(2, role: role))
                findings += await bench.worker.chat.customerView(of: probe, other: other).map { Finding($0) }
            }
            findings += await PresenceCheck(bench: bench).findings(asksChat: chat.isSignedIn)
            return findings
        }
        return Self.report(findings)
    }

    private static func report(_ findings: [Finding]) -> Report {
        let faults = findings.count { $0.outcome == .fault }
        let warnings = findings.count { $0.outcome == .warning }
        let sum =
            faults == 0 && warnings == 0
            ? "nothing is wrong" : "faults: \(faults), warnings: \(warnings); what helps stands under each"
        return Report(
            findings.map(\.line).joined(separator: "\n") + "\n\n" + sum, findings, status: faults == 0 ? 0 : 1)
    }
}
